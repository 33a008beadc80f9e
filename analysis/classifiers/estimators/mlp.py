"""A small neural network on embeddings, in torch, that obeys scikit-learn's contract."""

import copy
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from analysis.classifiers.estimators.contract import checked, each_its_own
from analysis.classifiers.estimators.temperature import best_temperature, loss_weights

HELD_OUT = 0.15
BATCH = 128


class MLP(ClassifierMixin, BaseEstimator):
    """One hidden layer on standardised vectors, AdamW, stopped where held-out covers' log loss is least.

    Held out are whole groups, 15 % of them. The weights of the best of at most `epochs` epochs are kept; after
    `patience` epochs without a better one training ends. On the same covers its temperature is chosen. weighted: every
    genre counts the same in the loss, however many covers it has; for the probabilities this means what it means for
    `Calibrated`, and so does scaling.
    Fitted: classes_, mean_ and scale_ (d,), weights_ (weights and biases of both layers, as arrays), epochs_ (how many
    were worth while), temperature_.
    """

    def __init__(
        self,
        *,
        hidden: int = 256,
        dropout: float = 0.5,
        epochs: int = 50,
        patience: int = 5,
        learning_rate: float = 1e-3,
        weighted: bool = False,
        scaling: str = "columns",
        seed: int = 42,
    ) -> None:
        self.hidden = hidden
        self.dropout = dropout
        self.epochs = epochs
        self.patience = patience
        self.learning_rate = learning_rate
        self.weighted = weighted
        self.scaling = scaling
        self.seed = seed

    def fit(self, X: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None) -> "MLP":
        """Fit on vectors X (n, d) and genres y (n,); groups (n,): each cover its own by default."""
        import torch
        from threadpoolctl import threadpool_limits

        X, y = checked(self, X, y, dtype=np.float32)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.mean_, scale = X.mean(axis=0), X.std(axis=0)
        if self.scaling == "whole":
            scale = np.full_like(scale, np.sqrt((scale**2).mean()))
        self.scale_ = np.where(scale > 0, scale, 1)
        held_out = self._hold_out(each_its_own(groups, y))
        # Batches this small gain nothing from threads, which on a busy machine wait for each other.
        with torch.random.fork_rng(devices=[]), threadpool_limits(1):
            torch.manual_seed(self.seed)
            network = torch.nn.Sequential(
                torch.nn.Linear(X.shape[1], self.hidden),
                torch.nn.ReLU(),
                torch.nn.Dropout(self.dropout),
                torch.nn.Linear(self.hidden, len(self.classes_)),
            )
            counts = np.bincount(codes)
            balanced = torch.tensor(len(codes) / (len(counts) * counts), dtype=torch.float32)
            loss_of = torch.nn.CrossEntropyLoss(balanced if self.weighted else None)
            inputs = torch.from_numpy(self._inputs(X))
            self._train(network, inputs, torch.from_numpy(codes), torch.from_numpy(held_out), loss_of)
        self.weights_ = [layer.detach().numpy().copy() for layer in network.parameters()]
        self.temperature_ = self._temperature(X[held_out], codes[held_out])
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (m, c)."""
        from scipy.special import softmax

        check_is_fitted(self)
        margins = self._margins(validate_data(self, X, dtype=np.float32, reset=False))
        # What was kept before there was a temperature has none.
        return softmax(margins / getattr(self, "temperature_", 1.0), axis=1)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The most probable genre for each row of X, as (m,)."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def _margins(self, X: np.ndarray) -> np.ndarray:
        weights, bias, out_weights, out_bias = self.weights_
        margins = np.maximum(self._inputs(X) @ weights.T + bias, 0) @ out_weights.T + out_bias
        return np.asarray(margins.astype(np.float64))

    def _temperature(self, X: np.ndarray, codes: np.ndarray) -> float:
        """The best for held-out covers; 1 where there is none."""
        if not len(codes):
            return 1.0
        return best_temperature(self._margins(X), codes, loss_weights(codes, weighted=self.weighted))[0]

    def _inputs(self, X: np.ndarray) -> np.ndarray:
        return ((X - self.mean_) / self.scale_).astype(np.float32)

    def _hold_out(self, groups: np.ndarray) -> np.ndarray:
        names = np.unique(groups)
        chosen = np.random.default_rng(self.seed).choice(names, size=round(len(names) * HELD_OUT), replace=False)
        return np.isin(groups, chosen)

    def _train(self, network: Any, inputs: Any, targets: Any, held_out: Any, loss_of: Any) -> None:
        import torch

        optimizer = torch.optim.AdamW(network.parameters(), lr=self.learning_rate)
        kept = torch.nonzero(~held_out)[:, 0]
        judged = held_out if held_out.any() else ~held_out
        best, least, since, self.epochs_ = network.state_dict(), float("inf"), 0, 0
        for epoch in range(self.epochs):
            network.train()
            for batch in kept[torch.randperm(len(kept))].split(BATCH):
                optimizer.zero_grad()
                loss_of(network(inputs[batch]), targets[batch]).backward()
                optimizer.step()
            network.eval()
            with torch.inference_mode():
                loss = loss_of(network(inputs[judged]), targets[judged]).item()
            since += 1
            if loss < least:
                best, least, since, self.epochs_ = copy.deepcopy(network.state_dict()), loss, 0, epoch + 1
            if since == self.patience:
                break
        network.load_state_dict(best)
