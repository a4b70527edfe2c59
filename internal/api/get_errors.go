package api

import (
	"math"
	"strconv"

	"relance/internal/failure"
	"relance/internal/operator"
)

// errorList is a part of the list of contacts in error.
type errorList struct {
	Items []operator.InError `json:"items"`
	// Total counts all that match, on every page.
	Total int `json:"total"`
	// Next is for the parameter after; null when nothing follows. The page that follows
	// may be empty.
	Next *string `json:"next"`
}

// errorGroups are the contacts in error by what has to be repaired.
type errorGroups struct {
	Items []operator.ErrorGroup `json:"items"`
}

// getErrors lists the contacts in error, one by one or by cause.
func getErrors(c *call) (reply, error) {
	query, err := c.query("group", "campaign", "code", "after", "limit")
	if err != nil {
		return reply{}, err
	}
	switch query["group"] {
	case "":
		return listErrors(c, query)
	case "cause":
	default:
		return reply{}, parameter("group", `the parameter group is not known; expected cause`)
	}
	for _, name := range []string{"code", "after", "limit"} {
		if _, given := query[name]; given {
			return reply{}, parameter(name, "the parameter "+name+" is for the list without group")
		}
	}
	groups, err := c.by.ErrorGroups(c.Context(), query["campaign"])
	return reply{body: errorGroups{Items: groups}}, err
}

func listErrors(c *call, query map[string]string) (reply, error) {
	filter := operator.ErrorFilter{Campaign: query["campaign"], Code: failure.WorkflowEnded}
	var err error
	if query["code"] != string(failure.WorkflowEnded) {
		if filter.Code, err = codeOf(query["code"]); err != nil {
			return reply{}, err
		}
	}
	after, err := number(query, "after", 0, math.MinInt64, math.MaxInt64)
	if err != nil {
		return reply{}, err
	}
	limit, err := number(query, "limit", pageSize, 1, maxPage)
	if err != nil {
		return reply{}, err
	}
	page, err := c.by.Errors(c.Context(), filter, after, int(limit))
	if err != nil {
		return reply{}, err
	}
	list := errorList{Items: page.Items, Total: page.Total}
	if page.Next != 0 {
		next := strconv.FormatInt(page.Next, 10)
		list.Next = &next
	}
	return reply{body: list}, nil
}
