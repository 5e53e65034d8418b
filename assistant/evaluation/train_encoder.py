"""Fits the adapter of the embedding model to questions and the sentences that answer them.

    python -m assistant.evaluation.train_encoder SET [SET ...] --output FILE

Each SET is a folder with `sources/` and `questions.jsonl`, a gold file. Answering questions does not need this module.

A step takes two documents and the questions that they answer. Every sentence of both is scored against every question,
by late interaction and by the cosine of whole texts, and the loss is the negative log-likelihood of the sentences of
each fact among all others: the hardest negatives are those of the same document. A question that the set does not
answer goes with the documents of the question before it: its best score there is to be lower than that of the right
sentence of other questions. The embeddings of words stay as they are.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import torch
import typer
from torch.nn import functional

from assistant.evaluation.training_data import DOCUMENTS_PER_STEP, TrainingData, batches, load_set, merged
from index.embedding.embedder import TOKEN_DIMENSION, Adapter
from index.embedding.models import load_sentence_transformer, packaged_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

SEED = 1
EPOCHS = 5.0
FROZEN_LAYERS = 0  # of six, counted from the lowest; the embeddings of words always are
LEARNING_RATE = 1e-4
PROJECTION_LEARNING_RATE = 5e-4
TOKEN_WEIGHT_LEARNING_RATE = 2e-3
SCALE_LEARNING_RATE = 1e-3
WARM_UP_SHARE = 0.1
COSINE_LOSS_WEIGHT = 0.4
BATCH_SIZE = 64
LATE_SCALE = 30.0  # by which scores are multiplied before the softmax, to begin with
COSINE_SCALE = 20.0
CONTEXT_DISCOUNT = 0.02  # to begin with
ANSWERABLE_LOSS_WEIGHT = 1.0
ANSWERABLE_SCALE = 12.0  # of the score in the logit of "the set answers it", to begin with
ANSWERABLE_SCORE = 0.6  # at which that is as likely as not


class Encoder(torch.nn.Module):
    """The model that is fitted: the transformer, the projection of tokens and their weights."""

    def __init__(self, model: SentenceTransformer, sample: Sequence[str]) -> None:
        """Freezes the lower layers. The projection starts with the principal components of a sample's tokens."""
        super().__init__()
        self.model = model
        self.initial = {name: weight.detach().clone() for name, weight in model[0].named_parameters()}
        for name, weight in model[0].named_parameters():
            weight.requires_grad = any(f".layer.{layer}." in name for layer in range(FROZEN_LAYERS, 6))
        with torch.no_grad():
            states = functional.normalize(torch.cat(self._states(sample)[1]), dim=-1)
            components = torch.linalg.svd(states, full_matrices=False)[2][:TOKEN_DIMENSION]
        self.projection = torch.nn.Parameter(components.clone())
        self.token_weight = torch.nn.Parameter(torch.cat([torch.zeros(TOKEN_DIMENSION), torch.ones(1)]))
        self.context_discount = torch.nn.Parameter(torch.tensor([CONTEXT_DISCOUNT]))
        self.log_scales = torch.nn.Parameter(torch.log(torch.tensor([LATE_SCALE, COSINE_SCALE])))
        self.answerable = torch.nn.Parameter(torch.tensor([ANSWERABLE_SCALE, ANSWERABLE_SCORE]))

    def _states(self, texts: Sequence[str]) -> tuple[Tensor, list[Tensor]]:
        """Returns the vectors of texts, and the hidden states of their tokens without the special ones."""
        order = sorted(range(len(texts)), key=lambda position: len(texts[position]))
        vectors: list[Tensor] = [torch.empty(0)] * len(texts)
        states: list[Tensor] = [torch.empty(0)] * len(texts)
        for start in range(0, len(order), BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
            features = self.model(self.model.preprocess([texts[position] for position in batch]))
            lengths = features["attention_mask"].sum(dim=1).tolist()
            for row, position in enumerate(batch):
                vectors[position] = features["sentence_embedding"][row]
                states[position] = features["token_embeddings"][row, 1 : lengths[row] - 1]
        return torch.stack(vectors), states

    def encode(self, texts: Sequence[str]) -> tuple[Tensor, list[Tensor]]:
        """Returns the vectors of texts and of their tokens, of unit length."""
        vectors, states = self._states(texts)
        return vectors, [functional.normalize(tokens @ self.projection.T, dim=-1) for tokens in states]

    def scores(
        self, questions: Sequence[str], sentences: Sequence[str], contexts: Sequence[Sequence[str]]
    ) -> tuple[Tensor, Tensor]:
        """Returns the scores by late interaction and by cosine, scaled: (questions, sentences) each."""
        of_questions, question_tokens = self.encode(questions)
        of_sentences, sentence_tokens = self.encode(sentences)
        tokens = torch.cat(question_tokens)
        weights = functional.softplus(tokens @ self.token_weight[:-1] + self.token_weight[-1])
        best = torch.maximum(_greatest(tokens, sentence_tokens), self._context(tokens, contexts))
        question_of = torch.repeat_interleave(
            torch.arange(len(questions)), torch.tensor([len(rows) for rows in question_tokens])
        )
        summed = torch.zeros(len(questions), len(sentences)).index_add(0, question_of, best * weights[:, None])
        total = torch.zeros(len(questions)).index_add(0, question_of, weights)
        scales = self.log_scales.exp()
        return summed / total[:, None] * scales[0], of_questions @ of_sentences.T * scales[1]

    def _context(self, tokens: Tensor, contexts: Sequence[Sequence[str]]) -> Tensor:
        """Returns the greatest cosine of each question token to a token of each sentence's context."""
        distinct = sorted({text for texts in contexts for text in texts})
        if not distinct:
            return torch.full((len(tokens), len(contexts)), -1.0)
        of_distinct = _greatest(tokens, self.encode(distinct)[1])
        number = {text: place for place, text in enumerate(distinct)}
        columns = [
            of_distinct[:, [number[text] for text in texts]].max(dim=1).values
            if texts
            else torch.full((len(tokens),), -1.0)
            for texts in contexts
        ]
        return torch.stack(columns, dim=1) - self.context_discount

    def adapter(self) -> Adapter:
        """Returns what was learned."""
        weights = dict(self.model[0].named_parameters())
        return Adapter(
            {
                name: (weights[name].detach() - initial).numpy()
                for name, initial in self.initial.items()
                if weights[name].requires_grad
            },
            self.projection.detach().numpy(),
            self.token_weight.detach().numpy(),
            float(self.context_discount.detach()),
        )


def _greatest(tokens: Tensor, texts: Sequence[Tensor]) -> Tensor:
    """Returns the greatest cosine of each of t tokens to a token of each of n texts: (t, n)."""
    text_of = torch.repeat_interleave(torch.arange(len(texts)), torch.tensor([len(rows) for rows in texts]))
    cosines = tokens @ torch.cat(list(texts)).T
    nothing = torch.full((len(tokens), len(texts)), -1.0)
    return nothing.scatter_reduce(1, text_of.expand(len(tokens), -1), cosines, "amax")


def loss_of(scores: Tensor, facts: Sequence[Sequence[Sequence[int]]]) -> Tensor:
    """Returns the mean negative log-likelihood of each fact's sentences among those that state none of the facts."""
    losses = [scores.sum() * 0.0]
    for row, of_question in zip(scores, facts, strict=True):
        if not of_question:
            continue
        states_none = torch.ones(len(row), dtype=torch.bool)
        states_none[[position for fact in of_question for position in fact]] = False
        others = torch.logsumexp(row[states_none], dim=0)
        for fact in of_question:
            stated = torch.logsumexp(row[list(fact)], dim=0)
            losses.append((torch.logaddexp(stated, others) - stated) / len(of_question))
    return torch.stack(losses).sum() / max(sum(map(bool, facts)), 1)


def answerable_loss(encoder: Encoder, scores: Tensor, facts: Sequence[Sequence[Sequence[int]]]) -> Tensor:
    """Returns the binary cross-entropy of "the set answers it", read off the best score that counts.

    That is the best of a right sentence, or of any sentence where none is right. `scores` are scaled.
    """
    best = torch.stack(
        [
            row[[position for fact in of_question for position in fact]].max() if of_question else row.max()
            for row, of_question in zip(scores / encoder.log_scales[0].exp(), facts, strict=True)
        ]
    )
    wanted = torch.tensor([float(bool(of_question)) for of_question in facts])
    scale, score = encoder.answerable
    return functional.binary_cross_entropy_with_logits(scale * (best - score), wanted)


def fit(data: TrainingData, epochs: float = EPOCHS) -> Iterator[str | Adapter]:
    """Fits an adapter. Yields a line of progress at times, and at the end the adapter."""
    torch.manual_seed(SEED)
    draw = random.Random(SEED)  # noqa: S311  # a sample, not a secret
    texts = [text for name in sorted(data.documents) for text in data.documents[name].sentences]
    encoder = Encoder(load_sentence_transformer(packaged_folder()), draw.sample(texts, min(300, len(texts))))
    steps = max(1, int(epochs * len(data.questions) / DOCUMENTS_PER_STEP))
    optimiser = torch.optim.AdamW(
        [
            {"params": [weight for weight in encoder.model.parameters() if weight.requires_grad], "lr": LEARNING_RATE},
            {"params": [encoder.projection], "lr": PROJECTION_LEARNING_RATE},
            {"params": [encoder.token_weight], "lr": TOKEN_WEIGHT_LEARNING_RATE},
            {
                "params": [encoder.context_discount, encoder.log_scales, encoder.answerable],
                "lr": SCALE_LEARNING_RATE,
            },
        ],
        weight_decay=0.01,
    )
    warm_up = WARM_UP_SHARE * steps + 1
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm_up, max(0.02, 1 - step / steps))
    )
    encoder.model.train()
    for step, batch in enumerate(batches(data, steps, draw), start=1):
        late, cosine = encoder.scores(batch.questions, batch.sentences, batch.contexts)
        loss = loss_of(late, batch.facts) + COSINE_LOSS_WEIGHT * loss_of(cosine, batch.facts)
        loss = loss + ANSWERABLE_LOSS_WEIGHT * answerable_loss(encoder, late, batch.facts)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 10 == 0 or step == steps:
            yield f"step {step} of {steps}: loss {float(loss.detach()):.3f}"
    encoder.model.eval()
    yield encoder.adapter()


def main(
    folders: Annotated[list[Path], typer.Argument(metavar="SET...", exists=True, file_okay=False)],
    output: Annotated[Path, typer.Option(metavar="FILE", help="File to write the adapter to.")],
    epochs: Annotated[float, typer.Option(help="How often each document is seen.")] = EPOCHS,
) -> None:
    """Fit the adapter to question sets, each a folder with sources/ and questions.jsonl."""
    np.random.seed(SEED)  # noqa: NPY002  # libraries below may draw from it
    data = merged([load_set(folder) for folder in folders])
    asked = {id(question): question for questions in data.questions.values() for question in questions}.values()
    facts = sum(len(question.facts) for question in asked)
    typer.echo(f"{len(data.documents)} documents, {len(asked)} questions with {facts} facts.")
    for result in fit(data, epochs):
        if isinstance(result, str):
            typer.echo(result)
        else:
            result.save(output)
            typer.echo(f"Wrote {output}.")


if __name__ == "__main__":
    typer.run(main)
