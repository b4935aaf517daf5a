// Starts `seatrial lsp` and shows what it says. Everything about the language is the server's; only the texts of
// diagnostic codes are shown by the client, as read-only documents.

import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";

const EXPLAIN_SCHEME = "seatrial-explain";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(EXPLAIN_SCHEME, {
      provideTextDocumentContent: async (uri) => (await explanation(uri.path.replace(/\.md$/, ""))) ?? "",
    }),
    vscode.commands.registerCommand("seatrial.restart", async () => {
      await stop();
      await start();
    }),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("seatrial.command")) {
        await stop();
        await start();
      }
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function start(): Promise<void> {
  const [command, ...args] = vscode.workspace.getConfiguration("seatrial").get<string[]>("command", ["seatrial", "lsp"]);
  if (command === undefined) {
    return;
  }
  const server: ServerOptions = { command, args };
  const options: LanguageClientOptions = {
    // Of the other form only files that say so in their names: most YAML is no spec.
    documentSelector: [{ language: "fleet" }, { pattern: "**/*.fleet.{yaml,yml,json}" }],
    initializationOptions: {
      explainScheme: EXPLAIN_SCHEME,
      environment: vscode.workspace.getConfiguration("seatrial").get<string>("environment", ""),
    },
    synchronize: { configurationSection: "seatrial" },
    middleware: {
      // The text of a code is opened beside the spec instead of being dropped.
      executeCommand: async (name, given, next) => {
        if (name !== "seatrial.explain") {
          return next(name, given);
        }
        const uri = vscode.Uri.parse(`${EXPLAIN_SCHEME}:${String(given[0])}.md`);
        await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
        return undefined;
      },
    },
  };
  client = new LanguageClient("seatrial", "seatrial", server, options);
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const said = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(
      `seatrial: \`${[command, ...args].join(" ")}\` does not start (${said}). ` +
        "Install seatrial with its extra `lsp`, or set seatrial.command.",
    );
  }
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function explanation(code: string): Promise<string | undefined> {
  const text: unknown = await client?.sendRequest("workspace/executeCommand", {
    command: "seatrial.explain",
    arguments: [code],
  });
  return typeof text === "string" ? text : undefined;
}
