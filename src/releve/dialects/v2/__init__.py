"""What 2.0.1 and 2.1 share: conversions of wire types that have the same shape, though not the same class."""
