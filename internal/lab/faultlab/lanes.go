package main

import (
	"fmt"
	"slices"
	"strings"
)

// lane is one campaign with an owner and a sender of its own, or several, so that a fault of one
// leaves the others something to do.
type lane struct {
	name string
	// read: the sender's mailbox is read, and the contacts answer (law 9). paced: the sender
	// has a pace (law 8). edited: the campaign is edited while contacts are in it.
	read, paced, edited bool
	// more is how many senders it has beside the first.
	more int
	// small: its senders have a second campaign, of few contacts, beside the large one.
	small bool
}

// allLanes are those of a run that names none. plainLanes are those whose senders have neither
// a mailbox nor a pace.
var allLanes = lanes{
	{name: "a"}, {name: "b"}, {name: "c"}, {name: "h", read: true}, {name: "i", read: true}, {name: "e", edited: true}, {name: "p", paced: true, edited: true, small: true},
	{name: "s", paced: true, edited: true, more: 2, small: true},
}

const plainLanes = "abc"

// lanes share the contacts among them by their numbers.
type lanes []lane

// chooseLanes finds lanes by their letters: "abc".
func chooseLanes(letters string) (chosen lanes, err error) {
	for _, letter := range letters {
		at := slices.IndexFunc(allLanes, func(one lane) bool { return one.name == string(letter) })
		if at < 0 {
			return nil, fmt.Errorf("-lanes: there is no lane %q; there are %s", letter, allLanes.letters())
		}
		if slices.Contains(chosen, allLanes[at]) {
			return nil, fmt.Errorf("-lanes: %q is there twice", letter)
		}
		chosen = append(chosen, allLanes[at])
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("-lanes: expected some of %s", allLanes.letters())
	}
	return chosen, nil
}

func (l lanes) letters() string {
	var letters strings.Builder
	for _, one := range l {
		letters.WriteString(one.name)
	}
	return letters.String()
}

// of is the lane of a contact.
func (l lanes) of(contact int64) lane { return l[contact%int64(len(l))] }

// that are the lanes for which something holds.
func (l lanes) that(holds func(lane) bool) lanes {
	return slices.DeleteFunc(slices.Clone(l), func(one lane) bool { return !holds(one) })
}

func (l lanes) campaigns() []string {
	keys := []string{} // never NULL in a statement
	for _, one := range l {
		keys = append(keys, one.campaigns()...)
	}
	return keys
}

func isRead(one lane) bool    { return one.read }
func isPaced(one lane) bool   { return one.paced }
func isEdited(one lane) bool  { return one.edited }
func isSeveral(one lane) bool { return one.more > 0 }

// senders are the addresses that the lane sends with.
func (one lane) senders() []string {
	all := []string{accountOf(one.name)}
	for n := range one.more {
		all = append(all, accountOf(fmt.Sprint(one.name, n+2)))
	}
	return all
}

// campaigns are those of its senders: the one that is edited, paused and moved, and the small one.
func (one lane) campaigns() []string {
	all := []string{campaignOf(one.name)}
	if one.small {
		all = append(all, smallOf(one.name))
	}
	return all
}

// userOf is with what a sender logs in at the inbox.
func userOf(address string) string {
	user, _, _ := strings.Cut(address, "@")
	return user
}

// contactOf reads a recipient's address as load writes it: n12@…, or KIND+n12@….
func (l lanes) contactOf(to string) (of lane, contact int64, ok bool) {
	_, tail, found := strings.Cut(to, "+")
	if !found {
		tail = to
	}
	if _, err := fmt.Sscanf(tail, "n%d@", &contact); err != nil {
		return lane{}, 0, false
	}
	return l.of(contact), contact, true
}

func campaignOf(lane string) string { return "lab-" + lane }
func smallOf(lane string) string    { return campaignOf(lane) + "-few" }
func accountOf(lane string) string  { return lane + "@lab.example" }
func ownerOf(lane string) string    { return "owner-" + lane }
func numberOf(lane string) int      { return strings.Index(allLanes.letters(), lane) + 1 }
func phoneOf(lane string) string    { return fmt.Sprintf("+3247500010%d", numberOf(lane)) }

// deafPhoneOf is a number whose messages the gateway accepts without saying so.
func deafPhoneOf(lane string) string { return fmt.Sprintf("+32475%d10000", numberOf(lane)) }

// laneOf is the lane of a campaign.
func (l lanes) laneOf(campaign string) lane {
	at := slices.IndexFunc(l, func(one lane) bool { return slices.Contains(one.campaigns(), campaign) })
	return l[at]
}

// steps are the messages that a contact has had who is through, whatever was edited.
func (one lane) steps() []string {
	switch {
	case one.edited:
		return []string{"intro", "follow-up"}
	case one.read:
		return []string{"intro", "follow-up", "third"}
	}
	return []string{"intro", "follow-up", "tell"}
}
