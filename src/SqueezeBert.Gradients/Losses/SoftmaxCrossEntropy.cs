using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses;

/// <summary>
/// The cross-entropy -log softmax(x)[label], with one label per row (single-label classification and masked language models). With label
/// smoothing ε, the target is (1 - ε) at the label plus ε / classes everywhere. With class weights, a row has the weight of its label. A
/// row with a negative label does not count and has no gradient.
/// </summary>
internal sealed unsafe class SoftmaxCrossEntropy(float labelSmoothing = 0, IReadOnlyList<float>? classWeights = null) : RowLoss
{
    private readonly float[]? _classWeights = classWeights is null ? null : [.. classWeights];

    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width)
    {
        double sum = 0;
        foreach (var label in target.Labels.Classes) sum += label < 0 ? 0 : WeightOf(label);
        return sum;
    }

    /// <inheritdoc/>
    protected override int ScratchWidth(int width) => Rows.Accumulate ? width : 0;

    /// <inheritdoc/>
    protected override void Begin(WorkerPool pool)
    {
        var labels = Target.Labels.Classes.Length;
        if (labels != Rows.Count) throw new InvalidOperationException($"{Rows.Count} rows of logits but {labels} labels");
    }

    /// <inheritdoc/>
    protected override RowResult Row(int row, float* scratch)
    {
        var x = Rows.Row(row);
        var classes = Rows.Width;
        var label = Target.Labels.Classes[row];
        if (label < 0)
        {
            if (Rows.Gradient is not null && !Rows.Accumulate) new Span<float>(Rows.GradientRow(row), classes).Clear();
            return default;
        }

        float logSum;
        Softmax.LogSumExp(new(x, 1, classes), &logSum);
        double loss = logSum - x[label];
        if (labelSmoothing > 0)
            loss = ((1 - labelSmoothing) * loss) + (labelSmoothing * (logSum - (Elementwise.Sum(x, classes) / classes)));
        var result = new RowResult(loss, WeightOf(label), LargestLogit.Is(x, classes, label));
        if (Rows.Gradient is null) return result;
        var gradient = Rows.GradientRow(row);
        var y = Rows.Accumulate ? scratch : gradient;
        if (y != x) new ReadOnlySpan<float>(x, classes).CopyTo(new Span<float>(y, classes));
        Softmax.Forward(new(y, 1, classes));
        y[label] -= 1 - labelSmoothing;
        if (labelSmoothing > 0)
        {
            for (var i = 0; i < classes; i++) y[i] -= labelSmoothing / classes;
        }

        Elementwise.Scale((float)(WeightOf(label) / Rows.Normaliser), y, y, classes);
        if (Rows.Accumulate) Elementwise.Add(y, gradient, gradient, classes);
        return result;
    }

    private float WeightOf(int label) => _classWeights?[label] ?? 1;
}
