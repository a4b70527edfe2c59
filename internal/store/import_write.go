package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// contactChange is a contact before and after an import.
type contactChange struct{ before, after campaign.Contact }

// progressEvery is how many rows are written between two reports.
const progressEvery = 1000

// insertContacts streams new contacts; their ids follow the order of the file.
func insertContacts(ctx context.Context, tx pgx.Tx, rows []ImportRow, progress func(int)) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"contacts"},
		[]string{"first_name", "last_name", "company", "email", "phone", "record_id", "folded", "fields"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			if i%progressEvery == 0 {
				progress(i)
			}
			c := rows[i].Contact
			folded := ""
			if c.Email == "" && c.RecordID == "" {
				folded = rows[i].Person
			}
			return []any{c.FirstName, c.LastName, c.Company, c.Email, c.Phone, c.RecordID, folded, notNil(c.Fields)}, nil
		}))
	return err
}

// updateChunk bounds the memory of one statement.
const updateChunk = 2000

// updateContacts writes changed contacts and wakes whoever was parked on what
// changed (law 3: after the updates). Under the lock of contact writers nobody
// else has changed them since they were read.
func updateContacts(ctx context.Context, tx pgx.Tx, changes []contactChange, by string, progress func(int)) (change Change, err error) {
	var causes []failure.Cause
	done := 0
	for chunk := range slices.Chunk(changes, updateChunk) {
		progress(done)
		done += len(chunk)
		ids, columns := make([]int64, len(chunk)), make([][]string, 7)
		for i, c := range chunk {
			fields, err := marshalJSON(notNil(c.after.Fields))
			if err != nil {
				return Change{}, err
			}
			ids[i] = c.after.ID
			for j, value := range []string{
				c.after.FirstName, c.after.LastName, c.after.Company, c.after.Email, c.after.Phone, c.after.RecordID, string(fields),
			} {
				columns[j] = append(columns[j], value)
			}
			causes = append(causes, contactCauses(c.before, c.after)...)
		}
		if _, err := tx.Exec(ctx, `
			UPDATE contacts c SET first_name = n.first_name, last_name = n.last_name, company = n.company, email = n.email,
			       phone = n.phone, record_id = n.record_id, fields = n.fields::jsonb, changed_at = clock_timestamp()
			  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
			       AS n (id, first_name, last_name, company, email, phone, record_id, fields)
			 WHERE c.id = n.id`,
			ids, columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], columns[6]); err != nil {
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
