"""`python -m accrete`."""

from accrete.commands import main

if __name__ == "__main__":
    main()
