package inbound

import "relance/internal/plaintext"

// person judges what no rule before has taken: the answer of a person, unless nothing says
// that a person wrote it.
func person(m Mail) Verdict {
	words := plaintext.Line(m.Answer, 120)
	switch {
	case len(m.From) == 0 || m.From[0].Address == "":
		return Verdict{Kind: Unsure, Reason: "it names no sender"}
	case fromDaemon(m):
		return Verdict{Kind: Unsure, Reason: "a mail system wrote it (" + m.From[0].Address + "), and its words say neither a failure nor an absence"}
	case noReply.MatchString(m.From[0].Address):
		return Verdict{Kind: Unsure, Reason: "it comes from an address that reads no answers (" + m.From[0].Address + ")"}
	case fromMachine(m):
		return Verdict{Kind: Unsure, Reason: "a machine wrote it (" + automaticSign(m).sign + "), and its words do not say what it is"}
	case words == "":
		return Verdict{Kind: Reply, Reason: "a person has answered, without words of their own"}
	}
	return Verdict{Kind: Reply, Reason: "a person has answered: “" + words + "”", Words: words}
}
