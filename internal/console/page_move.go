package console

import (
	"errors"
	"net/http"
	"net/url"

	"relance/internal/operator"
)

// moveView asks before contacts of one sender of a campaign get another.
type moveView struct {
	Key, Name string
	Would     operator.MovedSender
	Seen      int64
	// Why says why it cannot be; Back is the campaign's page as a path without the prefix.
	Why, Back string
}

// ToAccount is the other sender as it is in error.
func (v moveView) ToAccount() operator.Account {
	return operator.Account{Reason: v.Would.ToReason, Words: v.Would.ToWords}
}

func pageMove(c *Console, r *http.Request, _ *frame) (view, error) {
	ctx, key, query := r.Context(), r.PathValue("key"), r.URL.Query()
	shown := moveView{Key: key, Back: "/campaigns/" + url.PathEscape(key)}
	var err error
	if shown.Seen, err = c.Operator.SeenUntil(ctx); err != nil { // before the rest: what is fixed meanwhile was not seen
		return view{}, err
	}
	of, err := c.Operator.Campaign(ctx, key)
	if err != nil {
		return view{}, err
	}
	shown.Name = of.Name
	from, to := asked(query.Get("from")), asked(query.Get("to"))
	if from == "" || to == "" {
		shown.Why = "Choose from which sender, and to which."
		return view{"move", "Move contacts of " + of.Name, shown}, nil
	}
	if shown.Would, err = c.Operator.MoveSender(ctx, key, from, to, operator.How{DryRun: true}); errors.Is(err, operator.ErrRefused) {
		shown.Why, err = sentence(err), nil
	}
	return view{"move", "Move contacts of " + of.Name, shown}, err
}
