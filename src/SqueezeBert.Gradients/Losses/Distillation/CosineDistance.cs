using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses.Distillation;

/// <summary>
/// One minus the cosine between a row and the teacher's row, as a mean over rows. It is meant for sentence vectors, whose length does not
/// matter. A vector of length zero has the cosine 0 and no gradient.
/// </summary>
internal sealed unsafe class CosineDistance : RowLoss
{
    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width) => rows;

    /// <inheritdoc/>
    protected override int ScratchWidth(int width) => 0;

    /// <inheritdoc/>
    protected override void Begin(WorkerPool pool) => Target.TeacherLike(Rows);

    /// <inheritdoc/>
    protected override RowResult Row(int row, float* scratch)
    {
        var x = Rows.Row(row);
        var y = Target.Teacher.Row(row);
        var width = Rows.Width;
        double product = 0, xSquares = 0, ySquares = 0;
        for (var i = 0; i < width; i++)
        {
            product += (double)x[i] * y[i];
            xSquares += (double)x[i] * x[i];
            ySquares += (double)y[i] * y[i];
        }

        var length = Math.Sqrt(xSquares);
        var hasAngle = xSquares > 0 && ySquares > 0;
        var cosine = hasAngle ? product / (length * Math.Sqrt(ySquares)) : 0;
        if (Rows.Gradient is not null)
        {
            var xFactor = hasAngle ? cosine / (xSquares * Rows.Normaliser) : 0;
            var yFactor = hasAngle ? 1 / (length * Math.Sqrt(ySquares) * Rows.Normaliser) : 0;
            for (var i = 0; i < width; i++) ElementGradient.Put(Rows, ((long)row * width) + i, (xFactor * x[i]) - (yFactor * y[i]));
        }

        return new RowResult(1 - cosine, 1, false);
    }
}
