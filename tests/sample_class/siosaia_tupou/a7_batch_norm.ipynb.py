# %% fit_standardizer
def fit_standardizer(x):
    mean = x.mean()
    return mean, x.std()
