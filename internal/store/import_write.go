package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// contactChange is a contact before and after an import.
type contactChange struct {
	before, after campaign.Contact
	// setHere is whether the address counts as set by a person from now on.
	setHere bool
}

// progressEvery is how many rows are written between two reports.
const progressEvery = 1000

// insertContacts streams new contacts and gives them their ids, which follow the
// order of the file.
func insertContacts(ctx context.Context, tx pgx.Tx, rows []ImportRow, progress func(int)) error {
	result, err := tx.Query(ctx, `SELECT nextval(pg_get_serial_sequence('contacts', 'id')) FROM generate_series(1, $1)`, len(rows))
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(result, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].Contact.ID = ids[i]
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"contacts"},
		[]string{"id", "first_name", "last_name", "company", "email", "phone", "record_id", "folded", "fields", "email_mended"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			if i%progressEvery == 0 {
				progress(i)
			}
			c := rows[i].Contact
			folded := ""
			if c.Email == "" && c.RecordID == "" {
				folded = rows[i].Person
			}
			return []any{c.ID, c.FirstName, c.LastName, c.Company, c.Email, c.Phone, c.RecordID, folded, notNil(c.Fields), false}, nil
		}))
	return err
}

// vacate takes the addresses of contacts that get another one in this import
// while another contact gets theirs: no address is two contacts' at any moment.
func vacate(ctx context.Context, tx pgx.Tx, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE contacts SET email = '' WHERE id = ANY ($1)`, ids)
	return err
}

// recordSources writes by which records the contacts of the rows are known,
// which address each record gave, and where the source has caught up.
func recordSources(ctx context.Context, tx pgx.Tx, plan importPlan) error {
	if _, err := tx.Exec(ctx, `UPDATE contacts SET email_mended = false WHERE id = ANY ($1)`, plan.caughtUp); err != nil {
		return err
	}
	records := plan.sources
	for _, row := range plan.fresh {
		for _, record := range row.records() {
			records = append(records, knownSource{row.Contact.ID, row.Source, record, row.Contact.Email})
		}
	}
	for chunk := range slices.Chunk(records, updateChunk) {
		ids, columns := make([]int64, len(chunk)), make([][]string, 3)
		for i, r := range chunk {
			ids[i] = r.ContactID
			for j, value := range []string{r.Source, r.RecordID, r.Email} {
				columns[j] = append(columns[j], value)
			}
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO contact_sources (contact_id, source, record_id, email)
			SELECT DISTINCT ON (2, 3, 1) * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS n (contact_id, source, record_id, email)
			ON CONFLICT (source, record_id, contact_id) DO UPDATE SET email = EXCLUDED.email`, ids, columns[0], columns[1], columns[2]); err != nil {
			return err
		}
	}
	return nil
}

// updateChunk bounds the memory of one statement.
const updateChunk = 2000

// updateContacts writes changed contacts and resumes the contacts that were parked
// on what changed (law 3: after the updates). Under the lock of contact writers no
// other transaction has changed them since they were read.
func updateContacts(ctx context.Context, tx pgx.Tx, changes []contactChange, by string, progress func(int)) (change Change, err error) {
	var causes []failure.Cause
	done := 0
	for chunk := range slices.Chunk(changes, updateChunk) {
		progress(done)
		done += len(chunk)
		ids, columns := make([]int64, len(chunk)), make([][]string, 8)
		setHere := make([]bool, len(chunk))
		for i, c := range chunk {
			setHere[i] = c.setHere
			fields, err := marshalJSON(notNil(c.after.Fields))
			if err != nil {
				return Change{}, err
			}
			ids[i] = c.after.ID
			for j, value := range []string{
				c.after.FirstName, c.after.LastName, c.after.Company, c.after.Email, c.after.Phone, c.after.RecordID, string(fields), c.before.Email,
			} {
				columns[j] = append(columns[j], value)
			}
			causes = append(causes, contactCauses(c.before, c.after)...)
		}
		if _, err := tx.Exec(ctx, `
			UPDATE contacts c SET first_name = n.first_name, last_name = n.last_name, company = n.company, email = n.email,
			       phone = n.phone, record_id = n.record_id, fields = n.fields::jsonb, changed_at = clock_timestamp(), email_mended = n.set_here,
			       former_emails = CASE WHEN n.was <> n.email AND n.was <> '' THEN array_append(array_remove(array_remove(former_emails, n.email), n.was), n.was) ELSE former_emails END
			  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[])
			       AS n (id, first_name, last_name, company, email, phone, record_id, fields, was, set_here)
			 WHERE c.id = n.id`,
			ids, columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], columns[6], columns[7], setHere); err != nil {
			return Change{}, err
		}
	}
	err = change.announce(ctx, tx, by, causes...)
	return change, err
}

func notNil(fields map[string]string) map[string]string {
	if fields == nil {
		return map[string]string{}
	}
	return fields
}
