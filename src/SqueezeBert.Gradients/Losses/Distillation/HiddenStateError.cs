using SqueezeBert.Gradients.Memory;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses.Distillation;

/// <summary>
/// The mean of (x - y)² over tokens and channels, where y are the teacher's hidden states, divided by the variance of all their elements in
/// the batch. It is the share of the teacher's variance that the student misses, so that layers of any scale have equal weight.
/// </summary>
internal sealed unsafe class HiddenStateError : RowLoss
{
    private readonly VarianceBody _variance = new();
    private double _scale;

    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width) => rows;

    /// <inheritdoc/>
    protected override int ScratchWidth(int width) => width;

    /// <inheritdoc/>
    protected override void Begin(WorkerPool pool)
    {
        var variance = _variance.Of(Target.TeacherLike(Rows), pool);

        // Elements that are all alike have no scale: the error stays as it is.
        _scale = 1 / (Rows.Width * (variance > 0 ? variance : 1));
    }

    /// <inheritdoc/>
    protected override RowResult Row(int row, float* difference)
    {
        var width = Rows.Width;
        new ReadOnlySpan<float>(Rows.Row(row), width).CopyTo(new Span<float>(difference, width));
        Elementwise.AddScaled(-1, Target.Teacher.Row(row), difference, width);
        var loss = _scale * Elementwise.SumOfSquares(difference, width);
        if (Rows.Gradient is not null)
        {
            var factor = (float)(2 * _scale / Rows.Normaliser);
            if (Rows.Accumulate) Elementwise.AddScaled(factor, difference, Rows.GradientRow(row), width);
            else Elementwise.Scale(factor, difference, Rows.GradientRow(row), width);
        }

        return new RowResult(loss, 1, false);
    }

    /// <summary>Computes the variance of all elements of some rows. The sums of the rows are added in order.</summary>
    private sealed class VarianceBody : IParallelBody
    {
        private const int RowBlock = 64;

        private (double Sum, double Squares)[] _sums = [];
        private NativeRows _rows;

        public double Of(NativeRows rows, WorkerPool pool)
        {
            if (_sums.Length < rows.Count) _sums = new (double, double)[2 * rows.Count];
            _rows = rows;
            pool.Run(this, (rows.Count + RowBlock - 1) / RowBlock);
            double sum = 0, squares = 0;
            for (var row = 0; row < rows.Count; row++)
            {
                sum += _sums[row].Sum;
                squares += _sums[row].Squares;
            }

            var count = Math.Max(1, (double)rows.Count * rows.Width);
            return (squares / count) - (sum / count * (sum / count));
        }

        public void Execute(int part, int worker)
        {
            var end = Math.Min(_rows.Count, (part + 1) * RowBlock);
            for (var row = part * RowBlock; row < end; row++)
                _sums[row] = (Elementwise.Sum(_rows.Row(row), _rows.Width), Elementwise.SumOfSquares(_rows.Row(row), _rows.Width));
        }
    }
}
