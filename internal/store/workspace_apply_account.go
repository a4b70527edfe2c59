package store

import (
	"cmp"
	"context"
	"errors"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// keptPassword is the stored password for settings that come without one. It
// was given for one login and is sent to no other: where none is needed any
// more it is forgotten, else it has to be given again.
func (a *applying) keptPassword(before accountRow, after campaign.SMTP) (campaign.Secret, error) {
	switch {
	case before.account().SMTP.SameLogin(after):
		return a.store.openPassword(before.Address, before.Password)
	case after.Username == "":
		return "", nil
	}
	return "", refusedf("%s has other login settings in the file than before and no password; give the password too", before.Address)
}

// account applies the settings of an email account. An account that the file
// leaves as it was keeps its state: nobody calls it connected who has not tried.
// New settings are taken to be right until a server says otherwise, and an
// account that was removed is added again. A password that the file does not
// give is left alone, as long as it is for the same login. Its pace is what the file says:
// none when it says nothing.
func (a *applying) account(ctx context.Context, account campaign.EmailAccount) error {
	before, err := readAccount(ctx, a.tx, account.Address, "")
	isNew := errors.Is(err, ErrNotFound)
	if err != nil && !isNew {
		return err
	}
	account.Status, account.Reason = campaign.AccountConnected, ""
	if of := account.SMTP.Provider; of != "" && of != before.Provider {
		account.Status, account.Reason = campaign.AccountInError, "its owner has not consented yet; starter email-account connect "+account.Address+" --provider "+of
	} else if of != "" && !before.account().SMTP.SameLogin(account.SMTP) {
		return refusedf("%s has other login settings in the file than before, and its token is not sent to them; give them to `starter email-account connect %s --provider %s` first", before.Address, before.Address, of)
	}
	if isNew {
		if _, err := a.store.saveAccount(ctx, a.tx, &account); err != nil {
			return err
		}
		_, _, err := a.pace(ctx, accountRow{Address: account.Address}, account.Pace)
		if err == nil {
			_, _, err = a.mailbox(ctx, account.Address, account.IMAP)
		}
		a.done("email account", account.Address, true, nil, nil)
		return err
	}
	account.Address = before.Address
	account.Name = cmp.Or(account.Name, before.Name)
	if account.SMTP.Password == "" && len(before.Password) > 0 {
		if account.SMTP.Password, err = a.keptPassword(before, account.SMTP); err != nil {
			return err
		}
	}
	paced, causes, err := a.pace(ctx, before, account.Pace)
	if err != nil {
		return err
	}
	read, wakes, err := a.mailbox(ctx, account.Address, account.IMAP)
	if err != nil {
		return err
	}
	paced, causes = append(paced, read...), append(causes, wakes...)
	change := a.store.compareAccounts(before, account)
	switch {
	case before.Status == campaign.AccountRemoved, len(a.store.compareSettings(before, account).Edits) > 0: // it logs in anew
		if change, err = a.store.saveAccount(ctx, a.tx, &account); err != nil {
			return err
		}
		a.done("email account", account.Address, false, append(change.Edits, paced...), nil, append(causes, failure.EmailAccount(account.Address))...)
		return nil
	case len(change.Edits) > 0:
		if _, err := a.tx.Exec(ctx, `UPDATE email_accounts SET name = $2, changed_at = clock_timestamp() WHERE address = $1`,
			account.Address, account.Name); err != nil {
			return err
		}
	}
	var notes []string
	if before.Status == campaign.AccountInError {
		notes = append(notes, "it is in error ("+before.Reason+"); log in again with `starter email-account reconnect "+account.Address+"`")
	}
	a.done("email account", account.Address, false, append(change.Edits, paced...), notes, causes...)
	return nil
}
