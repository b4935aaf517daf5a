"""`python -m seatrial`: the same command where its script is not on the path."""

from seatrial.cli import main

if __name__ == "__main__":
    main()
