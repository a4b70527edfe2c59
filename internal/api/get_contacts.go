package api

import (
	"strconv"

	"relance/internal/operator"
)

// contacts are the contacts that were looked for.
type contacts struct {
	Items []operator.ContactDetails `json:"items"`
}

// getContacts finds contacts by their address or by a record id.
func getContacts(c *call) (reply, error) {
	query, err := c.query("address", "recordId", "source")
	if err != nil {
		return reply{}, err
	}
	var found []operator.ContactDetails
	switch {
	case query["address"] != "" && query["recordId"] == "" && query["source"] == "":
		found, err = c.by.ContactsAt(c.Context(), query["address"])
	case query["recordId"] != "" && query["address"] == "":
		found, err = c.by.ContactsOfRecord(c.Context(), query["recordId"], query["source"])
	default:
		err = &wrong{kind: badParameter, text: "expected the parameter address, or recordId (with or without source)"}
	}
	return reply{body: contacts{Items: found}}, err
}

// getContact is one contact with its enrollments.
func getContact(c *call) (reply, error) {
	id, err := c.id("contact")
	if err != nil {
		return reply{}, err
	}
	found, err := c.by.Contact(c.Context(), id)
	return reply{body: found}, err
}

// id is the number in the path; what is none leads nowhere.
func (c *call) id(thing string) (int64, error) {
	id, err := strconv.ParseInt(c.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, &operator.NotFound{Thing: thing, Key: c.PathValue("id")}
	}
	return id, nil
}
