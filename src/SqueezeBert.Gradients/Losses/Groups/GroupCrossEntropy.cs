using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses.Groups;

/// <summary>
/// The cross-entropy of the softmax over the rows of each group, one of which is right, as a mean over groups and columns. Each column has
/// a label: the start and the end of an answer among the tokens of a text, or, with one column, the right one of several choices.
/// </summary>
internal sealed unsafe class GroupCrossEntropy : Loss, IParallelBody
{
    private double[] _losses = [];
    private bool[] _isRight = [];
    private int[] _starts = [];
    private LossRows _rows;
    private LossTarget _target;

    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width) => (double)target.Labels.Groups.Length * width;

    /// <inheritdoc/>
    /// <remarks>A group counts as correct where the largest logit of every column is the label's.</remarks>
    public override LossSum Compute(in LossRows rows, in LossTarget target, WorkerPool pool)
    {
        var groups = target.Labels.Groups;
        Check(rows, target.Labels);
        if (_losses.Length < groups.Length)
        {
            _losses = new double[2 * groups.Length];
            _isRight = new bool[2 * groups.Length];
            _starts = new int[2 * groups.Length];
        }

        var start = 0;
        for (var group = 0; group < groups.Length; group++)
        {
            _starts[group] = start;
            start += groups[group];
        }

        _rows = rows;
        _target = target;
        pool.Run(this, groups.Length);
        var sum = new LossSum(0, Weight(target, rows.Count, rows.Width), 0, rows.Count);
        for (var group = 0; group < groups.Length; group++)
            sum += new LossSum(_losses[group], 0, _isRight[group] ? 1 : 0, 0);
        return sum;
    }

    void IParallelBody.Execute(int part, int worker)
    {
        var (labels, width) = (_target.Labels, _rows.Width);
        _losses[part] = 0;
        _isRight[part] = true;
        for (var column = 0; column < width; column++) Column(part, column, labels.Groups[part], labels.Classes[(part * width) + column]);
    }

    private void Column(int group, int column, int count, int label)
    {
        var width = _rows.Width;
        var first = ((long)_starts[group] * width) + column;
        var x = _rows.Data + first;
        var largest = double.NegativeInfinity;
        var best = 0;
        for (var i = 0; i < count; i++)
        {
            if (!(x[(long)i * width] > largest)) continue;
            largest = x[(long)i * width];
            best = i;
        }

        double sum = 0;
        for (var i = 0; i < count; i++) sum += Math.Exp(x[(long)i * width] - largest);
        _losses[group] += largest + Math.Log(sum) - x[(long)label * width];
        _isRight[group] &= best == label;
        if (_rows.Gradient is null) return;
        for (var i = 0; i < count; i++)
        {
            var share = Math.Exp(x[(long)i * width] - largest) / sum;
            ElementGradient.Put(_rows, first + ((long)i * width), (share - (i == label ? 1 : 0)) / _rows.Normaliser);
        }
    }

    private static void Check(in LossRows rows, LabelBatch labels)
    {
        var count = 0;
        var groups = labels.Groups;
        for (var group = 0; group < groups.Length; group++)
        {
            count += groups[group];
            for (var column = 0; column < rows.Width; column++)
            {
                var place = (group * rows.Width) + column;
                if (place < labels.Classes.Length && (uint)labels.Classes[place] < (uint)groups[group]) continue;
                throw new InvalidOperationException($"group {group} has {groups[group]} rows and column {column} no label among them");
            }
        }

        if (count != rows.Count) throw new InvalidOperationException($"{rows.Count} rows of logits but groups of {count} rows");
    }
}
