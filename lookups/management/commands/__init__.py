"""The commands of `manage.py`. Each file is one command, named as it is called."""
