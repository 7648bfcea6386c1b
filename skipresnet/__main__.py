"`python -m skipresnet`: see nbs/05a_commands.ipynb"
from .commands import main

if __name__ == '__main__': main()
