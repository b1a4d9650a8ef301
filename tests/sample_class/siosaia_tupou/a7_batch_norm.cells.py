# %% fit_standardizer
def fit_standardizer(x):
    return x.mean(), x.std()
