package store

import "slices"

// importPlan is what an import is going to write.
type importPlan struct {
	fresh     []ImportRow
	changes   []contactChange
	unchanged int
	// vacated are contacts whose address another row gets.
	vacated []int64
	// caughtUp are contacts whose source has the address now that was set here.
	caughtUp []int64
	// sources are records that known contacts are known by from now on.
	sources []knownSource
	kept    []Kept
	// freshRows are the indexes of the rows that are fresh, changedRows those of changes.
	freshRows, changedRows []int
	// ids are the contacts of the rows that are known; 0 for the others.
	ids []int64
}

// move is a row that is a known contact, and the address that the contact gets.
type move struct {
	row     int
	contact *knownContact
	email   string
	refused bool // another contact has the address of the row
}

// plan decides for every row what becomes of it. No address ends with two contacts.
func (k known) plan(rows []ImportRow, sourceNamed bool) importPlan {
	var plan importPlan
	found, strangers := k.match(rows, sourceNamed)
	var moves []*move
	keep := func(row int, contact *knownContact, here string, why KeptReason) {
		plan.kept = append(plan.kept, Kept{Row: row, Contact: contact.ID, Here: here, Given: rows[row].Contact.Email, Why: why})
	}
	plan.ids = make([]int64, len(rows))
	for i, row := range rows {
		if found[i] == nil {
			continue
		}
		plan.ids[i] = found[i].ID
		m := &move{row: i, contact: found[i]}
		var why KeptReason
		if m.email, why = found[i].address(row); why != "" {
			keep(i, found[i], m.email, why)
		}
		moves = append(moves, m)
	}
	owners := k.settle(moves, func(m *move, owner *knownContact) { keep(m.row, owner, m.contact.Email, AddressOfAnother) })
	for i, row := range rows {
		owner := owners[row.Contact.Email]
		switch {
		case found[i] != nil:
		case strangers[i] != nil:
			keep(i, strangers[i], strangers[i].Email, RecordOfAnother)
		case owner != nil:
			keep(i, owner, owner.Email, AddressOfAnotherRow)
		default:
			plan.fresh, plan.freshRows = append(plan.fresh, row), append(plan.freshRows, i)
		}
	}
	for _, m := range moves {
		plan.add(m, rows[m.row])
	}
	claimed := map[string]bool{}
	for _, row := range plan.fresh {
		claimed[row.Contact.Email] = true
	}
	for _, change := range plan.changes {
		claimed[change.after.Email] = claimed[change.after.Email] || change.after.Email != change.before.Email
	}
	for _, change := range plan.changes {
		if before := change.before.Email; before != "" && before != change.after.Email && claimed[before] {
			plan.vacated = append(plan.vacated, change.before.ID)
		}
	}
	slices.SortStableFunc(plan.kept, func(a, b Kept) int { return a.Row - b.Row })
	return plan
}

// address is the address that the contact has after the row, and why it is not the row's.
func (c *knownContact) address(row ImportRow) (string, KeptReason) {
	given := row.Contact.Email
	source, known := c.source(row)
	switch {
	case given == "" || given == c.mailbox:
		return c.Email, ""
	case c.SetHere:
		return c.Email, SetHere
	case known && source.Email == given && c.Email != "":
		return c.Email, "" // the record has not changed; another source gave the address
	case !known && slices.Contains(c.Former, given):
		return c.Email, EarlierAddress
	}
	return given, ""
}

// source is the record by which the contact is known that the row is of.
func (c *knownContact) source(row ImportRow) (knownSource, bool) {
	for _, exact := range []bool{true, false} {
		for _, source := range c.sources {
			if slices.Contains(row.records(), source.RecordID) && (source.Source == row.Source || !exact && row.Source == "") {
				return source, true
			}
		}
	}
	return knownSource{}, false
}

// settle takes back every move to an address that another contact has or gets,
// until no two have the same, and returns the contact of each address then.
func (k known) settle(moves []*move, refused func(*move, *knownContact)) map[string]*knownContact {
	final := make(map[*knownContact]string, len(k.all))
	for _, contact := range k.all {
		final[contact] = contact.mailbox
	}
	for _, m := range moves {
		if m.email != m.contact.Email {
			final[m.contact] = m.email
		}
	}
	for {
		owners := make(map[string]*knownContact, len(final))
		// Contacts that keep their address come first, then the moves in their order.
		for _, contact := range k.all {
			if contact.mailbox != "" && final[contact] == contact.mailbox {
				owners[contact.mailbox] = contact
			}
		}
		settled := true
		for _, m := range moves {
			to := final[m.contact]
			if to == "" || to == m.contact.mailbox {
				continue
			}
			if owner := owners[to]; owner != nil {
				refused(m, owner)
				m.refused, m.email, final[m.contact], settled = true, m.contact.Email, m.contact.mailbox, false
				continue
			}
			owners[to] = m.contact
		}
		if settled {
			return owners
		}
	}
}

// add plans what a row changes of its contact.
func (p *importPlan) add(m *move, row ImportRow) {
	before := m.contact.Contact
	after, differs := overlay(before, row.Contact)
	after.Email = m.email
	// The source has caught up with the address that was set here.
	caughtUp := m.contact.SetHere && row.Contact.Email == m.contact.mailbox
	if caughtUp {
		p.caughtUp = append(p.caughtUp, before.ID)
	}
	if differs || after.Email != before.Email {
		p.changes, p.changedRows = append(p.changes, contactChange{before, after, m.contact.SetHere && !caughtUp}), append(p.changedRows, m.row)
	} else {
		p.unchanged++
	}
	for _, record := range row.records() {
		one := ImportRow{Source: row.Source}
		one.Contact.RecordID = record
		source, known := m.contact.source(one)
		if !known {
			source = knownSource{ContactID: m.contact.ID, Source: row.Source, RecordID: record}
		}
		given := row.Contact.Email
		if m.refused || given == "" {
			given = source.Email
		}
		if !known || given != source.Email {
			source.Email = given
			p.sources = append(p.sources, source)
		}
	}
}
