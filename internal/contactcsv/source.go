package contactcsv

import (
	"regexp"
	"strings"
)

// The products whose record ids are recognised, by the header of the column.
// A bare "ID" is nobody's: many products write it.
var productOf = map[string]string{
	"recordid": "hubspot", "recordidcontact": "hubspot", "hsobjectid": "hubspot", "contactrecordid": "hubspot",
	"leid": "mailchimp", "euid": "mailchimp",
	"personid":           "pipedrive",
	"donotmodifycontact": "dynamics", "donotmodifylead": "dynamics",
	"internalid": "netsuite",
}

// products are those that write their name into the header of their ids, or whose
// name others write there: "ZoomInfo Contact ID", "Salesforce ID".
var products = strings.Fields(`activecampaign affinity airtable apollo attio bigin brevo bullhorn capsule clay cognism copper customerio dynamics freshsales freshworks gohighlevel highlevel hubspot hunter insightly
	instantly intercom kaspr keap klaviyo klenty lemlist lusha mailchimp mailshake marketo monday netsuite nimble notion nutshell odoo outreach pardot pipedrive replyio salesforce salesloft
	segment sendinblue sfdc smartlead snovio streak sugarcrm wiza woodpecker zendesk zoho zoominfo`)

// ofAPerson is what may stand behind the product's name: the id of a company, an
// owner or a campaign is nobody's.
var ofAPerson = set("id contactid leadid personid prospectid recordid recipientid subscriberid profileid contactrecordid peopleid uniqueid")

// productID is the product that a folded header names as the one that numbers people.
func productID(folded string) (product string, ok bool) {
	for _, product := range products {
		if rest, found := strings.CutPrefix(folded, product); found && ofAPerson[rest] {
			if product == "sfdc" {
				product = "salesforce"
			}
			return product, true
		}
	}
	return "", false
}

// The products whose ids show whose they are.
var (
	salesforceID = regexp.MustCompile(`^00[3Q][A-Za-z0-9]{12}([A-Za-z0-9]{3})?$`)
	airtableID   = regexp.MustCompile(`^rec[A-Za-z0-9]{14}$`)
	zohoID       = regexp.MustCompile(`^zcrm_[0-9]{10,}$`)
)

// wholeNumber is a number that a program has kept as a fraction: pandas writes
// the ids of a column with a gap as 1042.0.
var wholeNumber = regexp.MustCompile(`^([0-9]+)\.0+$`)

// canonicalID is the one spelling of a record id that has several. Salesforce's
// reports print 15 characters, its exports 18, which tell the case of the others
// (three characters for five each).
func canonicalID(id string) string {
	if found := wholeNumber.FindStringSubmatch(id); found != nil {
		return found[1]
	}
	if len(id) != 15 || !salesforceID.MatchString(id) {
		return id
	}
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	for part := range 3 {
		capitals := 0
		for i, c := range id[part*5 : part*5+5] {
			if c >= 'A' && c <= 'Z' {
				capitals |= 1 << i
			}
		}
		id += digits[capitals : capitals+1]
	}
	return id
}

// source names the product that numbered the records, or is empty when nothing
// says so: by the form of the first id, else by the header, else by the other
// headers (Pipedrive writes "Person - Name" beside "Person - ID").
func source(header, first string, headers []string) string {
	switch {
	case salesforceID.MatchString(first):
		return "salesforce"
	case airtableID.MatchString(first):
		return "airtable"
	case zohoID.MatchString(first):
		return "zoho"
	}
	if product := productOf[fold(header)]; product != "" {
		return product
	}
	if product, ok := productID(fold(header)); ok {
		return product
	}
	for _, other := range headers {
		if strings.HasPrefix(other, "Person - ") {
			return "pipedrive"
		}
	}
	return ""
}

// source is the source of the file: the one that the operator names, else that
// of the first record id.
func (f *File) source(p plan, named string) string {
	if named != "" {
		return strings.ToLower(strings.TrimSpace(named))
	}
	columns := p.sources[recordID]
	if len(columns) == 0 {
		return ""
	}
	first := ""
	for _, row := range f.Rows {
		if first = row.Contact.RecordID; first != "" {
			break
		}
	}
	headers := make([]string, len(f.Columns))
	for i, column := range f.Columns {
		headers[i] = column.Header
	}
	return source(f.Columns[columns[0]].Header, first, headers)
}
