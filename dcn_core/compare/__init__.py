"""Many runs side by side: which can be compared, what differs, and which is better."""
