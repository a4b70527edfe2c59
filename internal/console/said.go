package console

import (
	"fmt"
	"strings"

	"relance/internal/operator"
)

// goOn says what has been done, and how many go on because of it.
func goOn(what string, effect operator.Effect) string {
	return what + " " + goOnText(effect.Resuming, effect.Ended, effect.Delayed)
}

func goOnText(resuming, ended int, delayed error) string {
	var said []string
	switch {
	case resuming == 0 && ended == 0:
		said = append(said, "Nobody was waiting for it.")
	case resuming == 1 && delayed == nil:
		said = append(said, "1 contact goes on.")
	case resuming > 0 && delayed == nil:
		said = append(said, number(resuming)+" contacts go on.")
	case resuming == 1:
		said = append(said, "Temporal does not answer: what you did is saved, and 1 contact goes on within a minute of its return.")
	case resuming > 0:
		said = append(said, fmt.Sprintf("Temporal does not answer: what you did is saved, and %s contacts go on within a minute of its return.", number(resuming)))
	}
	if ended == 1 {
		said = append(said, "1 cannot go on: its workflow was ended from outside (starter reconcile --apply --ended).")
	} else if ended > 1 {
		said = append(said, number(ended)+" cannot go on: their workflow was ended from outside (starter reconcile --apply --ended).")
	}
	return strings.Join(said, " ")
}
