package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/pace"
)

const accountColumns = `address, name, host, port, tls, username, password, provider, status, reason, words, resting_until, epoch, pace`

type accountRow struct {
	Address, Name, Host string
	Port                int
	TLS                 campaign.TLS
	Username            string
	Password            []byte
	Provider            string
	Status              campaign.AccountStatus
	Reason              string
	Words               *keptWords
	RestingUntil        *time.Time
	Epoch               int64
	Pace                pace.AccountRules
}

// account leaves the password out: it is opened where it is needed, so that a
// list can be read without the key.
func (r accountRow) account() campaign.EmailAccount {
	account := campaign.EmailAccount{
		Address: r.Address, Name: r.Name,
		SMTP:   campaign.SMTP{Host: r.Host, Port: r.Port, TLS: r.TLS, Username: r.Username, Provider: r.Provider},
		Status: r.Status, Reason: r.Reason, Words: r.Words.of(r.Reason), Epoch: r.Epoch, Pace: r.Pace,
	}
	if r.RestingUntil != nil {
		account.RestingUntil = *r.RestingUntil
	}
	return account
}

// AccountUse is an email account, without its password, and who sends with it.
type AccountUse struct {
	campaign.EmailAccount
	RestReason string
	// Campaigns are the keys of those that have selected it.
	Campaigns []string
	// Calendar is the workspace's, for a pace that names no zone.
	Calendar pace.Calendar
	// Resuming counts the contacts that are parked on it, and resume when it is fixed.
	Resuming int
}

// EmailAccounts returns all accounts, removed ones too, by address.
func (s *Store) EmailAccounts(ctx context.Context) ([]AccountUse, error) {
	uses, err := s.AccountUses(ctx)
	if err != nil {
		return nil, err
	}
	causes := make([]failure.Cause, len(uses))
	for i, use := range uses {
		causes[i] = failure.EmailAccount(use.Address)
	}
	parked, err := s.countParked(ctx, causes)
	for i := range uses {
		uses[i].Resuming = parked[causes[i]]
	}
	return uses, err
}

// AccountUses is EmailAccounts without a count of the contacts that are parked on each.
func (s *Store) AccountUses(ctx context.Context) ([]AccountUse, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT `+accountColumns+`, CASE WHEN resting_until > clock_timestamp() THEN rest_reason ELSE '' END AS rest_reason,
		       ARRAY(SELECT key FROM campaigns c WHERE c.sender = a.address OR c.senders @> ARRAY[a.address] ORDER BY key) AS campaigns, cal.rules AS calendar
		  FROM email_accounts a CROSS JOIN calendar cal ORDER BY address`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (AccountUse, error) {
		read, err := pgx.RowToStructByName[struct {
			accountRow
			RestReason string
			Campaigns  []string
			Calendar   pace.Calendar
		}](row)
		return AccountUse{EmailAccount: read.account(), RestReason: read.RestReason, Campaigns: read.Campaigns, Calendar: read.Calendar}, err
	})
}

// countParked counts the contacts that are parked on each of the causes.
func (s *Store) countParked(ctx context.Context, causes []failure.Cause) (map[failure.Cause]int, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT p.cause, count(DISTINCT e.contact_id) FROM parked_on p JOIN enrollments e ON e.id = p.enrollment_id
		 WHERE p.cause = ANY ($1) GROUP BY 1`, causes)
	if err != nil {
		return nil, err
	}
	counts := map[failure.Cause]int{}
	var cause failure.Cause
	var count int
	_, err = pgx.ForEachRow(rows, []any{&cause, &count}, func() error {
		counts[cause] = count
		return nil
	})
	return counts, err
}

// EmailAccount returns one account with its password. ErrNotFound when there is
// none, ErrNoSecretKey when its password cannot be read.
func (s *Store) EmailAccount(ctx context.Context, address string) (campaign.EmailAccount, error) {
	row, err := readAccount(ctx, s.pool, address, "")
	if err != nil {
		return campaign.EmailAccount{}, err
	}
	account := row.account()
	account.SMTP.Password, err = s.openPassword(row.Address, row.Password)
	return account, err
}

// EmailAccountStatus is whether an account can send. ErrNotFound when there is none.
func (s *Store) EmailAccountStatus(ctx context.Context, address string) (campaign.AccountStatus, error) {
	row, err := readAccount(ctx, s.pool, address, "")
	return row.Status, err
}

// readAccount finds an account by any spelling of its address; Address is the stored one.
func readAccount(ctx context.Context, db querier, address, lock string) (accountRow, error) {
	rows, err := db.Query(ctx, `SELECT `+accountColumns+` FROM email_accounts
		WHERE address = ANY ($1) ORDER BY address = $2 DESC, address LIMIT 1 `+lock, spellings(address)...)
	if err != nil {
		return accountRow{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[accountRow])
	return row, named(err, "email account", address)
}
