"""What tests share. Not a test module: nothing here is collected."""
