using SqueezeBert.Graphs.Ngrams;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Inference.Operations;

/// <summary>Computes the mean of the table rows of the n-grams of each token's word. A part is one text.</summary>
/// <param name="output">[tokens, dimensions].</param>
/// <param name="table">[buckets, dimensions].</param>
/// <param name="words">The n-grams.</param>
internal sealed unsafe class NgramOperation(PlanValue output, EmbeddingRows table, WordNgrams words) : SequenceOperation(output)
{
    /// <summary>The number of n-grams of a word, about, for the decision whether threads share the work.</summary>
    private const int UsualCount = 16;

    public override int Parts(Execution execution) => execution.TextCount;

    public override long Work(Execution execution) => (long)execution.RowCount(Output) * Output.Width * UsualCount;

    public override void Execute(Execution execution, int part, int worker)
    {
        var (row, end) = (execution.TextStart(part), execution.TextStart(part + 1));
        while (row < end)
        {
            var ids = new ReadOnlySpan<int>(execution.Ids(EmbeddingIndex.TokenId) + row, end - row);
            var positions = new ReadOnlySpan<int>(execution.Ids(EmbeddingIndex.Position) + row, end - row);
            var count = words.CountTokens(ids, positions);
            var target = execution.Pointer(Output, row, worker);
            var vector = new Span<float>(target, Output.Width);
            if (words.IsWord(ids)) NgramMean.Compute(table, words.Of(ids[..count]), target, Output.Width);
            else vector.Clear();
            for (var other = 1; other < count; other++)
                vector.CopyTo(new Span<float>(execution.Pointer(Output, row + other, worker), Output.Width));
            row += count;
        }
    }
}
