"""The training room. Importing this package imports nothing; its modules import TensorFlow, except `setup`."""
