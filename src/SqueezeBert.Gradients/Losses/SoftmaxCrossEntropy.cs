using System.Numerics;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses;

/// <summary>
/// -log softmax(x)[label], one label a row (single-label classification, masked language model). With label smoothing ε the target is
/// (1 - ε) at the label plus ε / classes everywhere; with class weights a row counts by its label's weight.
/// </summary>
internal sealed unsafe class SoftmaxCrossEntropy(float labelSmoothing = 0, IReadOnlyList<float>? classWeights = null) : Loss, IParallelBody
{
    private const int RowBlock = 8;

    private readonly float[]? _classWeights = classWeights is null ? null : [.. classWeights];
    private double[] _losses = [];
    private bool[] _correct = [];
    private float* _logits;
    private int _rows;
    private int _classes;
    private LabelBatch _labels = null!;
    private double? _normaliser;

    public override double Weight(LabelBatch labels, int outputs)
    {
        double sum = 0;
        foreach (var label in labels.Classes) sum += WeightOf(label);
        return sum;
    }

    public override LossSum Compute(float* logits, int rows, int outputs, LabelBatch labels, double? normaliser, WorkerPool pool)
    {
        if (labels.Classes.Length != rows) throw new InvalidOperationException($"{rows} rows of logits but {labels.Classes.Length} labels");
        if (_losses.Length < rows)
        {
            _losses = new double[2 * rows];
            _correct = new bool[2 * rows];
        }

        _logits = logits;
        (_rows, _classes, _labels, _normaliser) = (rows, outputs, labels, normaliser);
        pool.Run(this, (rows + RowBlock - 1) / RowBlock);
        var result = new LossSum(0, Weight(labels, outputs), 0, rows);
        for (var row = 0; row < rows; row++)
            result += new LossSum(_losses[row] * WeightOf(labels.Classes[row]), 0, _correct[row] ? 1 : 0, 0);
        return result;
    }

    void IParallelBody.Execute(int part, int worker)
    {
        for (var row = part * RowBlock; row < Math.Min(_rows, (part + 1) * RowBlock); row++) Row(row);
    }

    private void Row(int row)
    {
        var x = _logits + ((long)row * _classes);
        var label = _labels.Classes[row];
        float logSum;
        Softmax.LogSumExp(new(x, 1, _classes), &logSum);
        double loss = logSum - x[label];
        if (labelSmoothing > 0)
            loss = ((1 - labelSmoothing) * loss) + (labelSmoothing * (logSum - (Elementwise.Sum(x, _classes) / _classes)));
        _losses[row] = loss;
        _correct[row] = IsLargest(x, label);
        if (_normaliser is not { } normaliser) return;
        Softmax.Forward(new(x, 1, _classes));
        x[label] -= 1 - labelSmoothing;
        if (labelSmoothing > 0)
        {
            for (var i = 0; i < _classes; i++) x[i] -= labelSmoothing / _classes;
        }

        Elementwise.Scale((float)(WeightOf(label) / normaliser), x, x, _classes);
    }

    /// <summary>Whether no logit is larger and none before it as large.</summary>
    private bool IsLargest(float* x, int label) =>
        AreAll(x, label, x[label], isEqualAllowed: false) && AreAll(x + label, _classes - label, x[label], isEqualAllowed: true);

    /// <summary>Whether all are less than a limit, or equal to it; NaN is neither.</summary>
    private static bool AreAll(float* x, int count, float limit, bool isEqualAllowed)
    {
        var limits = new Vector<float>(limit);
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var values = Vector.Load(x + i);
            if (!(isEqualAllowed ? Vector.LessThanOrEqualAll(values, limits) : Vector.LessThanAll(values, limits))) return false;
        }

        for (; i < count; i++)
        {
            if (!(isEqualAllowed ? x[i] <= limit : x[i] < limit)) return false;
        }

        return true;
    }

    private float WeightOf(int label) => _classWeights?[label] ?? 1;
}
