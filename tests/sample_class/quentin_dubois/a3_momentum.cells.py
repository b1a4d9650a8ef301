# %% gd_step
def gd_step(theta, grad, lr):
    if lr < 0:
        raise ValueError("lr")
    return theta - lr * grad
