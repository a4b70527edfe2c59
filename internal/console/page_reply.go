package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"relance/internal/operator"
)

// replyView is one message: what it is and why, whose, and what has followed. Its text stays in
// the mailbox.
type replyView struct {
	operator.InboundDetails
	// Settles is true while a person has to say whose it is, or what.
	Settles bool
	// As are what a person can say that it is. Unclear is true of one that says nothing by itself.
	As      []choice
	Unclear bool
	// Then is the page that follows when it is settled.
	Then string
}

func pageReply(c *Console, r *http.Request, _ *frame) (view, error) {
	id, err := messageID(r)
	if err != nil {
		return view{}, err
	}
	message, err := c.Operator.InboundMessage(r.Context(), id)
	if err != nil {
		return view{}, err
	}
	shown := replyView{InboundDetails: message, Settles: message.State == "open" || message.State == "unmatched", Then: toSeePath}
	first := choice{"", kindText(message.InboundMessage) + ", as it was judged", false}
	if shown.Unclear = slices.Contains([]string{"unsure", "unreadable", "challenge"}, string(message.Kind)); shown.Unclear {
		first.Text = "choose …"
	}
	shown.As = append(shown.As, first)
	for _, kind := range operator.AttachableKinds() {
		shown.As = append(shown.As, choice{string(kind), kindName(string(kind)), false})
	}
	return view{"reply", "Message " + strconv.FormatInt(id, 10), shown}, nil
}

// messageID is the number in the path; what is none leads nowhere.
func messageID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, &operator.NotFound{Thing: "message", Key: asked(r.PathValue("id"))}
	}
	return id, nil
}

// isInvalid is true of a value that cannot be one.
func isInvalid(err error) bool {
	var invalid *operator.Invalid
	return errors.As(err, &invalid)
}
