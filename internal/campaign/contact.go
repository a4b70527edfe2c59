package campaign

import "strings"

// Contact is a prospect.
type Contact struct {
	ID        int64  `json:"id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Company   string `json:"company"`
	// Email is the bare address, or empty.
	Email string `json:"email"`
	Phone string `json:"phone"`
	// RecordID is the id of the contact in the export it came from; may be empty.
	RecordID string            `json:"recordId,omitempty"`
	Fields   map[string]string `json:"fields"`
}

// Name is how people call the contact: the names, else the company, else the
// address, else "(no name)".
func (c Contact) Name() string {
	if name := strings.TrimSpace(c.FirstName + " " + c.LastName); name != "" {
		return name
	}
	if c.Company != "" {
		return c.Company
	}
	if c.Email != "" {
		return c.Email
	}
	return "(no name)"
}
