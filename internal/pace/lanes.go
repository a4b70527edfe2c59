package pace

// The bands of a line: those in the first leave before all others, in the order of their
// numbers, as all do where the order is fifo. First mails leave campaign by campaign in turns, so that ten are not behind fifty
// thousand; those of one campaign in the order of their numbers.
const (
	Granted    = 0 // who has been given the turn
	FollowUps  = 1
	FirstMails = 2
)

// lane are places in line that leave in the order of their numbers: those of a window, or the
// first mails of one campaign in it.
type lane struct {
	queue[place]
	window int
	// campaign is whose first mails they are, in the first of its hours; anyCampaign for all others.
	campaign int
}

const anyCampaign = -1

// lanes are all places for one sender, or for any of a pool.
type lanes struct {
	all   []*lane
	index map[uint64]*lane // by window and campaign
}

// of is the lane of a window and a campaign, or anyCampaign; it is made when somebody first stands there.
func (l *lanes) of(window, campaign int) *lane {
	at := uint64(uint32(window))<<32 | uint64(uint32(campaign))
	one := l.index[at]
	if one == nil {
		if l.index == nil {
			l.index = map[uint64]*lane{}
		}
		one = &lane{window: window, campaign: campaign}
		l.index[at], l.all = one, append(l.all, one)
	}
	return one
}

// before is true when the first of a lane leaves before that of another, from a sender that
// has given campaigns these turns.
func (l *lane) before(other *lane, turns []int64) bool {
	one, another := l.first(), other.first()
	if l.campaign != anyCampaign && other.campaign != anyCampaign {
		if a, b := turns[l.campaign], turns[other.campaign]; a != b {
			return a < b
		}
	}
	return one.before(another)
}
