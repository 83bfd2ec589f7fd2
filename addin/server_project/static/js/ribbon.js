// The ribbon has one button, which opens the task pane and needs no code. xlwings' own file,
// which this one stands in for, would bind a button that our manifest does not have.
