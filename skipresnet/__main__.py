"`python -m skipresnet`: see nbs/28_commands.ipynb"
from .commands import main

if __name__ == '__main__': main()
