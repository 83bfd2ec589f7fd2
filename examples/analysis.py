# %% [markdown]
# # The workbook from a notebook
#
# Open a built workbook, change an assumption, write a copy, and ask the model for tables of cases.
# Run it beside a workbook: `fieldbook build fieldbook.xlsx && python analysis.py`.

# %%
import pandas as pd

import fieldbook

book = fieldbook.load("fieldbook.xlsx")
for sentence in book.answers:
    print(sentence)

# %% [markdown]
# ## The assumptions, by group

# %%
assumptions = book.assumptions
print(assumptions.groupby("group").size())
print(assumptions.loc["marginal_cost", ["low", "central", "high", "unit", "source"]])

# %% [markdown]
# ## Change one, and write a copy
#
# A value that breaks its rule is refused with its cell, and nothing is written.

# %%
assumptions.loc["marginal_cost", ["low", "central", "high"]] = [25_000, 30_000, 36_000]
dearer = book.changed(assumptions=assumptions)
dearer.save("dearer.xlsx")

beside = pd.DataFrame({"as it was": book.results["value"], "dearer": dearer.results["value"]})
print(beside.loc[["cost_multiple", "net_value", "marginal_ratio"]])

try:
    book.changed(assumptions=pd.DataFrame({"central": {"marginal_cost": -1}}))
except fieldbook.InputError as error:
    print("refused:", error)

# %% [markdown]
# ## A table of cases
#
# A row a case, a column an assumption; all else is as in the workbook.

# %%
cases = pd.DataFrame({"marginal_cost": [20_000, 25_000, 30_000, -1]}, index=[*"abcd"])
print(book.evaluate(cases, ["cost_multiple", "cost_multiple_range", "ratio_shift.after"]))

# %% [markdown]
# ## Draws

# %%
draws = book.draws(["cost_multiple", "net_safety"], draws=4096, seed=1)
print(draws[["cost_multiple", "net_safety"]].quantile([0.05, 0.5, 0.95]))
print(draws.corr(method="spearman")["cost_multiple"].round(2))
