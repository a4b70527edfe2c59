package liquid

// FilterNames are the filters that exist.
func FilterNames() []string { return filterNames }
