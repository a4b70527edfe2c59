package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// ConnectAccount keeps the settings of an account that has just logged in, as
// connected, new or not, and wakes the contacts that were parked on it. The
// change names the settings that are new; it may be empty for an account that
// was only connected again.
func (s *Store) ConnectAccount(ctx context.Context, account campaign.EmailAccount, by string) (Change, error) {
	return s.connectAccount(ctx, account, false, nil, by)
}

// ConnectAccountAndMailbox is ConnectAccount for one whose mailbox has logged in too, with its
// settings: its mail is read there, or not any more (a nil IMAP), and who waited for the mailbox
// goes on. A reader that has it begins anew.
func (s *Store) ConnectAccountAndMailbox(ctx context.Context, account campaign.EmailAccount, by string) (Change, error) {
	return s.connectAccount(ctx, account, true, nil, by)
}

// ConnectAccountWithToken is ConnectAccountAndMailbox for one that has logged in with a new token.
func (s *Store) ConnectAccountWithToken(ctx context.Context, account campaign.EmailAccount, token OAuthToken, by string) (Change, error) {
	return s.connectAccount(ctx, account, true, &token, by)
}

func (s *Store) connectAccount(ctx context.Context, account campaign.EmailAccount, mailbox bool, token *OAuthToken, by string) (Change, error) {
	account.Status, account.Reason, account.Words = campaign.AccountConnected, "", nil
	var change Change
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		if change, err = s.saveAccount(ctx, tx, &account); err != nil {
			return err
		}
		change.rate = s.rate
		if token != nil {
			if err := s.setToken(ctx, tx, account.Address, token); err != nil {
				return err
			}
		}
		causes := []failure.Cause{failure.EmailAccount(account.Address)}
		if mailbox {
			if err := s.setMailbox(ctx, tx, account.Address, account.IMAP, &change); err != nil {
				return err
			}
			causes = append(causes, failure.Mailbox(account.Address))
		}
		if err := change.announce(ctx, tx, by, causes...); err != nil {
			return err
		}
		// Also without an edit: somebody has logged in.
		return Activity{By: by, Kind: DidConnect, Thing: AnAccount, Subject: account.Address, Fields: fieldNames(change.Edits), Count: change.Resuming}.write(ctx, tx)
	})
	return change, err
}

// KeepAccountInError keeps the settings of an account that is being added and
// that could not log in, with the server's words: they can be corrected one by
// one. Nobody is woken.
func (s *Store) KeepAccountInError(ctx context.Context, account campaign.EmailAccount, why failure.Words, by string) error {
	account.Status, account.Reason, account.Words = campaign.AccountInError, why.Text(), &why
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := s.saveAccount(ctx, tx, &account); err != nil {
			return err
		}
		return Activity{By: by, Kind: DidAdd, Thing: AnAccount, Subject: account.Address}.write(ctx, tx)
	})
}

// AccountFailed puts an account in error, with the server's words, unless its
// settings have changed since the epoch under which it failed.
func (s *Store) AccountFailed(ctx context.Context, address string, epoch int64, why failure.Words, by string) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE email_accounts SET status = 'in_error', reason = $3, words = $4, changed_at = clock_timestamp()
			 WHERE address = $1 AND epoch = $2 AND status <> 'removed'`, address, epoch, why.Text(), keepWords(why.Text(), &why))
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return Activity{By: by, Kind: DidFail, Thing: AnAccount, Subject: address}.write(ctx, tx)
	})
}

// RemoveAccount keeps the row, so that its campaigns know what they have lost
// and the account can be added again. It is no fix: nobody is woken.
// ErrNotFound when there is no such account; nothing changes when it is
// removed already, and a Stale when it is not what was seen any more.
func (s *Store) RemoveAccount(ctx context.Context, address, by string, seen RemovalSeen) (Change, error) {
	var change Change
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		change = Change{}
		row, err := readAccount(ctx, tx, address, "FOR NO KEY UPDATE")
		if err != nil {
			return err
		}
		change.compare("status", string(row.Status), string(campaign.AccountRemoved))
		if err := stillAs(ctx, tx, row, seen); err != nil || len(change.Edits) == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, `
			UPDATE email_accounts SET status = 'removed', reason = '', resting_until = NULL, rest_reason = '',
			       epoch = epoch + 1, changed_at = clock_timestamp() WHERE address = $1`, row.Address); err != nil {
			return err
		}
		// Nobody reads its mailbox any more: it is in nobody's way who was moved from it.
		if err := lookedAt(ctx, tx, row.Address, nil); err != nil {
			return err
		}
		if err := fix(ctx, tx, by, failure.Mailbox(row.Address)); err != nil {
			return err
		}
		return Activity{By: by, Kind: DidRemove, Thing: AnAccount, Subject: row.Address}.write(ctx, tx)
	})
	return change, err
}

// saveAccount inserts or updates the whole row under the next epoch, rested. A row
// keeps the spelling of its address, which the account then has.
func (s *Store) saveAccount(ctx context.Context, tx pgx.Tx, account *campaign.EmailAccount) (Change, error) {
	before, err := readAccount(ctx, tx, account.Address, "FOR NO KEY UPDATE")
	isNew := errors.Is(err, ErrNotFound)
	if err != nil && !isNew {
		return Change{}, err
	}
	if !isNew {
		account.Address = before.Address
	}
	sealed, err := s.sealPassword(account.Address, account.SMTP.Password)
	if err != nil {
		return Change{}, err
	}
	var change Change
	if !isNew {
		if err := s.sameAccount(ctx, tx, before, *account); err != nil {
			return Change{}, err
		}
		change = s.compareAccounts(before, *account)
		change.compare("status", string(before.Status), string(account.Status))
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO email_accounts AS a (address, name, host, port, tls, username, password, status, reason, provider, words)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		    ON CONFLICT (address) DO UPDATE
		   SET name = $2, host = $3, port = $4, tls = $5, username = $6, password = $7, status = $8, reason = $9, provider = $10, words = $11,
		       resting_until = NULL, rest_reason = '', epoch = a.epoch + 1, changed_at = clock_timestamp()`,
		account.Address, account.Name, account.SMTP.Host, account.SMTP.Port, account.SMTP.TLS, account.SMTP.Username, sealed,
		account.Status, account.Reason, account.SMTP.Provider, keepWords(account.Reason, account.Words))
	if err == nil && account.SMTP.Provider == "" {
		err = s.setToken(ctx, tx, account.Address, nil)
	}
	if err != nil {
		return Change{}, fmt.Errorf("keeping email account %s: %w", account.Address, err)
	}
	return change, lookAgain(ctx, tx, account.Address)
}

// compareAccounts names what differs: the name, then the settings.
func (s *Store) compareAccounts(before accountRow, after campaign.EmailAccount) Change {
	var change Change
	change.compare("name", before.Name, after.Name)
	change.Edits = append(change.Edits, s.compareSettings(before, after).Edits...)
	return change
}

// compareSettings names the settings that differ: those with which the account
// logs in. A stored password that this key cannot open counts as changed: the
// new one replaces it.
func (s *Store) compareSettings(before accountRow, after campaign.EmailAccount) Change {
	var change Change
	change.compare("host", before.Host, after.SMTP.Host)
	change.compare("port", strconv.Itoa(before.Port), strconv.Itoa(after.SMTP.Port))
	change.compare("tls", string(before.TLS), string(after.SMTP.TLS))
	change.compare("username", before.Username, after.SMTP.Username)
	change.compare("provider", before.Provider, after.SMTP.Provider)
	if password, err := s.openPassword(before.Address, before.Password); err != nil || password != after.SMTP.Password {
		change.Edits = append(change.Edits, Edit{Field: "password"})
	}
	return change
}
