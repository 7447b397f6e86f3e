using SqueezeBert.Pipelines.Answering;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Pipelines.Answering;

/// <summary>The n-best rules on logits made by hand: [CLS] q [SEP] w0 w1 w2 [SEP].</summary>
public class SpanRankingTests
{
    private static readonly TokenOffset[] Offsets = [new(0, 2), new(3, 5), new(6, 8)];

    [Fact]
    public void TheBestStartsMeetTheBestEndsInsideTheDocument()
    {
        var ranking = new SpanRanking(20, 30);

        // The best start of all is the question's, the best end the last [SEP]'s: neither is in the document.
        ranking.Add(Logits((1, 0.5f), (9, 0), (0, 0), (3, 1), (2, 4), (0, 2), (0, 9)), 3, Offsets);
        var spans = ranking.Finish(false, out var none);
        Assert.Equal(
            [(0, 5, 7f), (3, 5, 6f), (0, 8, 5f), (0, 2, 4f), (3, 8, 4f), (6, 8, 2f)],
            spans.ToArray().Select(span => (span.Start, span.End, span.Score)));
        Assert.Equal(1.5f, ranking.NoAnswerScore);
        Assert.Equal(0, none);
        var expected = PlainModel.Softmax([7, 6, 5, 4, 4, 2]);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], spans[i].Probability, 6);
    }

    [Fact]
    public void OnlyAsManyStartsAndEndsAsAskedForMeet()
    {
        // The two best starts are the question and w0, the two best ends w1 and the last [SEP]; of equal logits the earlier token is
        // better.
        var ranking = new SpanRanking(2, 30);
        ranking.Add(Logits((1, 0), (9, 0), (0, 0), (3, 1), (3, 4), (0, 2), (0, 9)), 3, Offsets);
        Assert.Equal([(0, 5)], ranking.Finish(false, out _).ToArray().Select(span => (span.Start, span.End)));
    }

    [Fact]
    public void AnswersHaveNoMoreTokensThanAllowed()
    {
        var ranking = new SpanRanking(20, 2);
        ranking.Add(Logits((0, 0), (0, 0), (0, 0), (5, 0), (0, 0), (0, 5), (0, 0)), 3, Offsets);
        Assert.DoesNotContain((0, 8), ranking.Finish(false, out _).ToArray().Select(span => (span.Start, span.End)));
    }

    [Fact]
    public void WindowsCompeteAndTheLowestNoAnswerCounts()
    {
        var ranking = new SpanRanking(20, 30);
        ranking.Add(Logits((2, 2), (-9, -9), (-9, -9), (1, 1), (-9, -9)), 3, [new(0, 2)]);
        ranking.Add(Logits((1, 1), (-9, -9), (-9, -9), (3, 0.5f), (-9, -9)), 3, [new(3, 5)]);
        var spans = ranking.Finish(true, out var none);
        Assert.Equal(2, ranking.NoAnswerScore);
        Assert.Equal([(3, 5, 3.5f), (0, 2, 2f)], spans.ToArray().Select(span => (span.Start, span.End, span.Score)));
        Assert.Equal(PlainModel.Softmax([3.5, 2, 2])[2], none, 6);
    }

    [Fact]
    public void ASpanOfTwoWindowsComesOnceWithBothProbabilities()
    {
        var ranking = new SpanRanking(20, 30);
        ranking.Add(Logits((0, 0), (-9, -9), (-9, -9), (2, 2), (-9, -9)), 3, [new(3, 5)]);
        ranking.Add(Logits((0, 0), (-9, -9), (-9, -9), (1, 1), (-9, -9)), 3, [new(3, 5)]);
        ranking.Add(Logits((0, 0), (-9, -9), (-9, -9), (1, 0), (-9, -9)), 3, [new(6, 8)]);
        var spans = ranking.Finish(false, out _);
        var expected = PlainModel.Softmax([4, 2, 1]);
        Assert.Equal(2, spans.Length);
        Assert.Equal((3, 5, 4f), (spans[0].Start, spans[0].End, spans[0].Score));
        Assert.Equal(expected[0] + expected[1], spans[0].Probability, 6);
        Assert.Equal(expected[2], spans[1].Probability, 6);
    }

    [Theory]
    [InlineData(5f, new[] { 4f, 1f }, 1)]
    [InlineData(3f, new[] { 4f, 1f }, 1)]
    [InlineData(1f, new[] { 4f, 1f }, 2)]
    [InlineData(0f, new[] { 4f, 1f }, 2)]
    public void NoAnswerReplacesTheWorstOfAFullListOrIsAddedBack(float noAnswer, float[] scores, int kept)
    {
        var ranking = new SpanRanking(2, 30);
        for (var i = 0; i < scores.Length; i++)
            ranking.Add(Logits((noAnswer, 0), (-9, -9), (-9, -9), (scores[i], 0), (-9, -9)), 3, [new(i, i + 1)]);
        var spans = ranking.Finish(true, out var none);
        Assert.Equal(kept, spans.Length);
        Assert.Equal(PlainModel.Softmax([noAnswer, .. scores.Take(kept).Select(score => (double)score)])[0], none, 6);
    }

    private static float[] Logits(params (float Start, float End)[] tokens) =>
        [.. tokens.SelectMany(token => new[] { token.Start, token.End })];
}
