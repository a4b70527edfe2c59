package liquid

// Unfilled is a variable that a template names and no contact can fill in.
type Unfilled struct {
	Variable
	// Meant is the variable that was probably meant; empty when none is near.
	Meant string
}

// UnfilledBy lists the variables of a template that have no default and are neither
// one of every contact's own nor one of these custom fields, whose names may be spelt
// as they are.
func UnfilledBy(template string, customFields []string) []Unfilled {
	return unfilledOf(Variables(template), customFields)
}

func unfilledOf(named []Variable, customFields []string) []Unfilled {
	known, keys := fields{}, make([]string, len(customFields))
	for _, own := range ownNames {
		known[own] = own
	}
	for i, name := range customFields {
		keys[i] = fieldKey(name)
		known[keys[i]] = name
	}
	var unfilled []Unfilled
	for _, v := range named {
		if _, ok := known.key(v.Key); !ok && !v.Default {
			unfilled = append(unfilled, Unfilled{v, Meant(v.Key, keys)})
		}
	}
	return unfilled
}
