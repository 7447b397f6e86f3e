using SqueezeBert.Checkpoints;
using SqueezeBert.Tests.Pipelines.Classifying;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Pipelines.Answering;

public class QuestionAnswererTests
{
    private const string Question = "was the film good?";

    // 90 tokens: three windows and more of 40.
    private static readonly string Document = string.Join(' ', Enumerable.Range(0, 30).Select(i => $"the film {(char)('a' + (i % 26))}"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ALongDocumentIsAnsweredAsTheReferenceScriptDoes(bool allowNoAnswer)
    {
        using var folder = new ClassifierFolder("squeezebert-question-answering");
        using var answerer = QuestionAnswerer.Load(
            folder.Path, new QuestionAnswererOptions { Overlap = 10, MaxAnswerTokens = 4, AllowNoAnswer = allowNoAnswer });
        var answer = answerer.Answer(Question, Document);
        var (expected, noAnswer, windows) = Reference(folder.Path, 10, 4, allowNoAnswer);
        Assert.Equal(windows, answer.Read.WindowCount);
        Assert.True(windows > 2);
        Assert.Equal(noAnswer, answer.NoAnswerScore, 1e-5f);
        Assert.Equal(expected.Select(item => (item.Start, item.End)), answer.Answers.Select(item => (item.Start, item.End)));
        Assert.Equal(answer.Answers, answer.Answers.OrderByDescending(item => item.Score));
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(Document[expected[i].Start..expected[i].End], answer.Answers[i].Text);
            Assert.Equal(expected[i].Score, answer.Answers[i].Score, 1e-5f);
            Assert.Equal(expected[i].Probability, answer.Answers[i].Probability, 1e-5);
        }

        Assert.Equal(allowNoAnswer && noAnswer > expected[0].Score, answer.Best is null);
        Assert.Equal(1, answer.Answers.Sum(item => item.Probability) + answer.NoAnswerProbability, 4);
        Assert.False(answer.Read.IsTruncated || answer.IsQuestionTruncated);
    }

    [Fact]
    public void TheThresholdDecidesBetweenAnAnswerAndNone()
    {
        using var folder = new ClassifierFolder("squeezebert-question-answering");
        using var low = QuestionAnswerer.Load(folder.Path,
            new QuestionAnswererOptions { AllowNoAnswer = true, NoAnswerThreshold = float.NegativeInfinity });
        using var high = QuestionAnswerer.Load(folder.Path,
            new QuestionAnswererOptions { AllowNoAnswer = true, NoAnswerThreshold = float.PositiveInfinity });
        Assert.Null(low.Answer(Question, Document).Best);
        Assert.NotEmpty(low.Answer(Question, Document).Answers);
        Assert.Equal(high.Answer(Question, Document).Answers[0], high.Answer(Question, Document).Best);
    }

    [Fact]
    public void ManyQuestionsGetWhatEachGetsAloneWhateverTheBatch()
    {
        using var folder = new ClassifierFolder("squeezebert-question-answering");
        using var small = QuestionAnswerer.Load(folder.Path, null, new ModelOptions { BatchTokens = 30 });
        using var large = QuestionAnswerer.Load(folder.Path);
        var questions =
            Enumerable.Range(0, 12).Select(i => ($"film {i}?", string.Join(' ', Enumerable.Repeat("very bad", 7 * i)))).ToList();
        var together = small.Answer(questions);
        Assert.Equal(questions.Count, together.Count);
        for (var i = 0; i < questions.Count; i++)
        {
            var alone = large.Answer(questions[i].Item1, questions[i].Item2);
            Assert.Equal(alone.Answers, together[i].Answers);
            Assert.Equal((alone.NoAnswerScore, alone.Read.WindowCount), (together[i].NoAnswerScore, together[i].Read.WindowCount));
        }
    }

    [Fact]
    public void WhatIsCutOffIsSaid()
    {
        using var folder = new ClassifierFolder("squeezebert-question-answering");
        using var answerer = QuestionAnswerer.Load(
            folder.Path, new QuestionAnswererOptions { Reading = new() { LongText = LongText.Truncate }, MaxQuestionTokens = 3 });
        var answer = answerer.Answer(Question, Document);
        Assert.True(answer.Read.IsTruncated && answer.IsQuestionTruncated);
        Assert.Equal(1, answer.Read.WindowCount);
        Assert.All(answer.Answers, item => Assert.InRange(item.End, 1, 140));
        var whole = answerer.Answer("film?", "good film");
        Assert.False(whole.Read.IsTruncated || whole.IsQuestionTruncated);
    }

    [Fact]
    public void ADocumentWithoutWordsHasNoAnswer()
    {
        using var folder = new ClassifierFolder("squeezebert-question-answering");
        using var answerer = QuestionAnswerer.Load(folder.Path);
        var answer = answerer.Answer(Question, " ");
        Assert.Null(answer.Best);
        Assert.Empty(answer.Answers);
        Assert.Equal(float.PositiveInfinity, answer.NoAnswerMargin);
    }

    [Fact]
    public void TheInnerPathAllocatesNothingAndAgrees()
    {
        using var folder = new ClassifierFolder("squeezebert-question-answering");
        using var answerer = QuestionAnswerer.Load(folder.Path);
        var spans = new AnswerSpan[3];
        for (var i = 0; i < 50; i++) answerer.Answer(Question, Document, spans, out _, out _);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 20; i++) answerer.Answer(Question, Document, spans, out _, out _);
        }));
        Assert.Equal(
            answerer.Answer(Question, Document).Answers.Take(3)
                .Select(answer => new AnswerSpan
                {
                    Start = answer.Start,
                    End = answer.End,
                    Score = answer.Score,
                    Probability = answer.Probability,
                }), spans);
    }

    [Fact]
    public void CallersAtTheSameTimeGetTheirOwnAnswers()
    {
        using var folder = new ClassifierFolder("squeezebert-question-answering");
        using var answerer = QuestionAnswerer.Load(folder.Path);
        var documents = Enumerable.Range(1, 8).Select(i => string.Join(' ', Enumerable.Repeat("good bad film", 4 * i))).ToList();
        var expected = documents.Select(document => answerer.Answer(Question, document).Answers).ToList();
        Parallel.For(0, 40, i => Assert.Equal(expected[i % 8], answerer.Answer(Question, documents[i % 8]).Answers));
    }

    [Fact]
    public void AnotherKindOfModelIsRefused()
    {
        using var folder = new ClassifierFolder();
        var error = Assert.Throws<UnsupportedModelException>(() => QuestionAnswerer.Load(folder.Path));
        Assert.Contains("question answering", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The rules in LINQ, over the windows that the tokenizer's own overflow gives.</summary>
    private static (List<(int Start, int End, float Score, double Probability)> Answers, float NoAnswer, int Windows) Reference(
        string path, int stride, int maxTokens, bool allowNoAnswer)
    {
        using var model = new PlainModel(path);
        var encoding = model.Tokenizer.Encode(Question, Document, new EncodingOptions
        {
            MaxLength = 40,
            Truncation = Truncation.OnlySecond,
            Stride = stride,
            ReturnOverflowing = true,
        });
        TextEncoding[] windows = [encoding, .. encoding.Overflowing];
        var found = new List<(int Start, int End, float Score)>();
        var noAnswer = float.PositiveInfinity;
        foreach (var window in windows)
        {
            var logits = model.Run(window);
            noAnswer = Math.Min(noAnswer, logits[0] + logits[1]);
            var tokens = Enumerable.Range(0, window.Length).ToList();
            foreach (var start in tokens.OrderByDescending(token => logits[2 * token]).Take(20))
            {
                foreach (var end in tokens.OrderByDescending(token => logits[(2 * token) + 1]).Take(20))
                {
                    if (window.SequenceIds[start] != 1 || window.SequenceIds[end] != 1 || end < start || end - start + 1 > maxTokens)
                        continue;
                    found.Add((window.Offsets[start].Start, window.Offsets[end].End, logits[2 * start] + logits[(2 * end) + 1]));
                }
            }
        }

        if (allowNoAnswer) found.Add((0, 0, noAnswer));
        var kept = found.OrderByDescending(item => item.Score).Take(20).ToList();
        if (allowNoAnswer && !kept.Contains((0, 0, noAnswer))) kept.Add((0, 0, noAnswer));
        var probabilities = PlainModel.Softmax(kept.Select(item => (double)item.Score));
        var answers = kept.Select((item, i) => (item, Probability: probabilities[i])).Where(pair => pair.item.End > 0)
            .GroupBy(pair => (pair.item.Start, pair.item.End))
            .Select(group => (group.Key.Start, group.Key.End, group.First().item.Score, group.Sum(pair => pair.Probability))).ToList();
        return (answers, noAnswer, windows.Length);
    }
}
