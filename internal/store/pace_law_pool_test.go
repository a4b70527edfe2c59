package store

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// lawPool is the campaign of several senders: two that have campaigns of their own, and two
// that have none, and break.
const (
	lawPool   = "pool"
	lawPooled = 80
)

func lawPoolSenders() []string {
	return []string{"gap@northwind.example", "day@northwind.example", "three@northwind.example", "four@northwind.example"}
}

func (l *law) fillPool(first int64) {
	l.t.Helper()
	l.exec(`INSERT INTO campaigns (key, name, owner, sender, senders, steps) SELECT $1, $1, owner, ($2::text[])[1], $2, steps FROM campaigns WHERE key = 'q4'`, lawPool, lawPoolSenders())
	l.exec(`INSERT INTO contacts (first_name, email) SELECT 'C', 'c' || i || '@contoso.example' FROM generate_series($1::bigint, $2) AS i`, first, first+lawPooled-1)
	ids := make([]int64, lawPooled)
	for i := range ids {
		ids[i] = first + int64(i)
	}
	_, err := l.Enroll(l.ctx, lawPool, ids, "test", false)
	require.NoError(l.t, err)
}

// disturbPool has senders of the pool break and be removed, join it and leave it, and takes
// contacts from one to another, until the end; then all of them can send.
func (l *law) disturbPool(ends time.Time) error {
	connect := func(address string) error {
		_, err := l.ConnectAccount(l.ctx, campaign.EmailAccount{Address: address, Name: "A", SMTP: campaign.SMTP{Host: "127.0.0.1", Port: 25, TLS: "none"}}, "test")
		return err
	}
	breaking := lawPoolSenders()[2:]
	for i := 0; i < 5 || time.Now().Before(ends); i++ { // each of them once, however slow the machine is
		<-time.After(rand.N(80 * time.Millisecond))
		of := breaking[rand.IntN(len(breaking))]
		var err error
		switch i % 5 {
		case 0:
			epoch, read := l.epochOf(of)
			l.did("a sender broke")
			err = errors.Join(read, l.AccountFailed(l.ctx, of, epoch, failure.Words{Said: "535 5.7.8 no"}, "test"))
		case 1:
			l.did("a sender was removed")
			_, err = l.RemoveAccount(l.ctx, of, "test", RemovalSeen{})
		case 2:
			err = errors.Join(connect(breaking[0]), connect(breaking[1]))
		case 3:
			l.did("other senders")
			err = l.otherSenders()
		default:
			all := lawPoolSenders()
			_, err = l.MoveSender(l.ctx, lawPool, all[rand.IntN(len(all))], all[0], "test", BatchOptions{})
			if errors.Is(err, ErrRefused) { // to itself
				err = nil
			}
			l.did("contacts were moved")
		}
		if err != nil {
			return err
		}
	}
	for _, address := range breaking {
		if err := connect(address); err != nil {
			return err
		}
	}
	return nil
}

func (l *law) epochOf(address string) (epoch int64, err error) {
	return epoch, l.pool.QueryRow(l.ctx, `SELECT epoch FROM email_accounts WHERE address = $1`, address).Scan(&epoch)
}

// otherSenders gives the pool some of its senders, always the first.
func (l *law) otherSenders() error {
	of, err := l.Campaign(l.ctx, lawPool)
	if err != nil {
		return err
	}
	before := of.Senders
	of.Senders = slices.DeleteFunc(lawPoolSenders(), func(address string) bool { return address != lawPoolSenders()[0] && rand.IntN(3) == 0 })
	of.Sender = of.Senders[0]
	_, err = l.Apply(l.ctx, Workspace{Campaigns: []CampaignSpec{{Campaign: of}}}, "test", false)
	if errors.Is(err, ErrRefused) && len(before) > 0 { // one that joins has been removed
		err = nil
	}
	return err
}
