using SqueezeBert.Kernels;
using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Tests.Kernels.SequenceWise;

public sealed unsafe class AttentionTests
{
    [Fact]
    public void AttentionGivesTheBitsOfTheReference()
    {
        Random random = new(1);
        for (var repeat = 0; repeat < 80; repeat++)
        {
            int keys = random.Next(8) switch { 0 => random.Next(240, 300), 1 => random.Next(1, 150), _ => random.Next(1, 40) },
                queries = random.Next(2) == 0 ? keys : random.Next(1, 70);
            int heads = random.Next(1, 4), headWidth = random.Next(5) switch { 0 => 64, 1 => 6, 2 => 26, 3 => 32, _ => random.Next(1, 80) },
                channels = heads * headWidth;
            var scale = random.Next(4) == 0 ? 30f : 0.3f;
            int qStride = channels + random.Next(5), kStride = channels + random.Next(5), vStride = channels + random.Next(5),
                outputStride = channels + random.Next(5);
            using GuardedBuffer q = GuardedBuffer.Random(random, queries * qStride), k = GuardedBuffer.Random(random, keys * kStride, 2f);
            using GuardedBuffer v = GuardedBuffer.Random(random, keys * vStride),
                before = GuardedBuffer.Random(random, queries * outputStride);
            using GuardedBuffer output = before.Copy(), scores = new(heads * queries * keys), probabilities = new(heads * queries * keys);
            using GuardedBuffer workspace = new(Attention.WorkspaceSize(queries, keys, headWidth), random.Next(16));
            Matrix queryRows = new(q.Pointer, qStride, queries, channels), keyRows = new(k.Pointer, kStride, keys, channels),
                valueRows = new(v.Pointer, vStride, keys, channels);
            Attention.Forward(
                InstructionSet.Scalar, queryRows, keyRows, valueRows, new(output.Pointer, outputStride, queries, channels), heads, scale,
                workspace.Pointer, scores.Pointer, probabilities.Pointer);
            foreach (var set in KernelSets.Exact)
            {
                using GuardedBuffer outputNow = before.Copy(), scoresNow = new(heads * queries * keys),
                    probabilitiesNow = new(heads * queries * keys), plain = before.Copy();
                Attention.Forward(
                    set, queryRows, keyRows, valueRows, new(outputNow.Pointer, outputStride, queries, channels), heads, scale,
                    workspace.Pointer, scoresNow.Pointer, probabilitiesNow.Pointer);
                var what = $"{set} {queries}x{keys}, {heads} heads of {headWidth}";
                scoresNow.AssertSame(scores, what + " scores");
                probabilitiesNow.AssertSame(probabilities, what + " probabilities");
                outputNow.AssertSame(output, what);
                Attention.Forward(
                    set, queryRows, keyRows, valueRows, new(plain.Pointer, outputStride, queries, channels), heads, scale,
                    workspace.Pointer, null, null);
                plain.AssertSame(output, what + " without captures");
            }

            workspace.AssertGuards("workspace");
        }
    }

    [Fact]
    public void AQueryDoesNotDependOnItsNeighbours()
    {
        Random random = new(2);
        const int Tokens = 101, Heads = 2, HeadWidth = 32, Channels = Heads * HeadWidth;
        using GuardedBuffer q = GuardedBuffer.Random(random, Tokens * Channels), k = GuardedBuffer.Random(random, Tokens * Channels),
            v = GuardedBuffer.Random(random, Tokens * Channels);
        using GuardedBuffer workspace = new(Attention.WorkspaceSize(Tokens, Tokens, HeadWidth));
        Matrix queries = new(q.Pointer, Tokens, Channels), keys = new(k.Pointer, Tokens, Channels),
            values = new(v.Pointer, Tokens, Channels);
        foreach (var set in InstructionSets.Available)
        {
            using GuardedBuffer whole = new(Tokens * Channels), parts = new(Tokens * Channels);
            Matrix target = new(parts.Pointer, Tokens, Channels);
            Attention.Forward(
                set, queries, keys, values, new(whole.Pointer, Tokens, Channels), Heads, 0.2f, workspace.Pointer, null, null);
            for (int start = 0, count; start < Tokens; start += count)
            {
                count = Math.Min(random.Next(1, 20), Tokens - start);
                for (var head = Heads - 1; head >= 0; head--)
                {
                    Attention.Forward(
                        set, queries.TakeRows(start, count).TakeColumns(head * HeadWidth, HeadWidth),
                        keys.TakeColumns(head * HeadWidth, HeadWidth), values.TakeColumns(head * HeadWidth, HeadWidth),
                        target.TakeRows(start, count).TakeColumns(head * HeadWidth, HeadWidth), 1, 0.2f, workspace.Pointer, null, null);
                }
            }

            parts.AssertSame(whole, set.ToString());
        }
    }

    [Theory]
    [InlineData(150f)]
    [InlineData(1e5f)]
    public void WeightsOfScoresFarBelowTheLargestAreNextToNothingAndNormal(float distance)
    {
        const int Keys = 40;
        using GuardedBuffer q = new(1), k = new(Keys), v = new(Keys), output = new(1), probabilities = new(Keys);
        using GuardedBuffer workspace = new(Attention.WorkspaceSize(1, Keys, 1));
        q.Span[0] = 1f;
        k.Span.Fill(-distance);
        k.Span[7] = 0f;
        v.Span.Fill(1000f);
        v.Span[7] = 3f;
        foreach (var set in InstructionSets.Available)
        {
            Attention.Forward(
                set, new(q.Pointer, 1, 1), new(k.Pointer, Keys, 1), new(v.Pointer, Keys, 1), new(output.Pointer, 1, 1), 1, 1f,
                workspace.Pointer, null, probabilities.Pointer);
            Assert.Equal(3f, output.Span[0]);
            for (var i = 0; i < Keys; i++)
                Assert.True(i == 7 ? probabilities.Span[i] == 1f : float.IsNormal(probabilities.Span[i]) && probabilities.Span[i] < 1e-30f,
                    $"{set} {i}: {probabilities.Span[i]}");
        }
    }

    [Fact]
    public void AttentionIsRight()
    {
        Random random = new(3);
        const int Queries = 5, Keys = 19, HeadWidth = 6;
        using GuardedBuffer q = GuardedBuffer.Random(random, Queries * HeadWidth), k = GuardedBuffer.Random(random, Keys * HeadWidth),
            v = GuardedBuffer.Random(random, Keys * HeadWidth);
        using GuardedBuffer output = new(Queries * HeadWidth), workspace = new(Attention.WorkspaceSize(Queries, Keys, HeadWidth));
        foreach (var set in InstructionSets.Available)
        {
            Attention.Forward(
                set, new(q.Pointer, Queries, HeadWidth), new(k.Pointer, Keys, HeadWidth), new(v.Pointer, Keys, HeadWidth),
                new(output.Pointer, Queries, HeadWidth), 1, 1.5f, workspace.Pointer, null, null);
            for (var i = 0; i < Queries; i++)
            {
                var weights = new double[Keys];
                for (var j = 0; j < Keys; j++)
                {
                    for (var c = 0; c < HeadWidth; c++)
                        weights[j] += 1.5 * q.Span[(i * HeadWidth) + c] * k.Span[(j * HeadWidth) + c];
                    weights[j] = Math.Exp(weights[j]);
                }

                for (var c = 0; c < HeadWidth; c++)
                    Assert.Equal(Enumerable.Range(0, Keys).Sum(j => weights[j] * v.Span[(j * HeadWidth) + c]) / weights.Sum(),
                        output.Span[(i * HeadWidth) + c], 1e-6);
            }
        }
    }
}
