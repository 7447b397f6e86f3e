namespace SqueezeBert.Training.Starts.Fitting;

/// <summary>
/// Fits the layers of a student one after another, each projection on what the student itself computes up to there, so that it mends what
/// those before it have lost. The teacher beside it has only the layers that are kept: to make up for those that are left out is too much
/// for linear functions, and students that tried came out worse.
/// </summary>
internal sealed class LayerFit
{
    private readonly FitContext _context;
    private readonly float[] _teacherRows;
    private readonly float[] _rows;
    private readonly float[] _attentionSum;
    private readonly float[] _attention;
    private readonly float[] _sum;
    private readonly float[] _hidden;

    /// <param name="context">What all fits share.</param>
    /// <param name="embeddings">The input of the first layer, [tokens, hidden]: teacher and student have the same.</param>
    public LayerFit(FitContext context, float[] embeddings)
    {
        _context = context;
        (_rows, _teacherRows) = (embeddings, (float[])embeddings.Clone());
        (_attentionSum, _attention) = (new float[embeddings.Length], new float[embeddings.Length]);
        (_sum, _hidden) = (new float[embeddings.Length], new float[embeddings.Length]);
    }

    /// <summary>Steps of a layer that <see cref="Fit"/> tells of.</summary>
    public const int Steps = 5;

    /// <summary>Fits the next layer.</summary>
    /// <param name="layer">The student's.</param>
    /// <param name="teacherLayer">The teacher's.</param>
    /// <param name="step">Called after each of the <see cref="Steps"/>.</param>
    /// <returns>Size of the difference between the outputs of student and teacher, as a share of the teacher's.</returns>
    public double Fit(int layer, int teacherLayer, Action step)
    {
        var width = _context.Width;
        var from = LayerNames.Of(_context.Teacher.Configuration, teacherLayer);
        var to = LayerNames.Of(_context.Student, layer);
        AttentionFit.FitProjections(_context, from, to, _teacherRows, _rows);
        step();
        _context.RunTeacher(teacherLayer, _teacherRows,
            [LayerGraphs.AttentionSum, LayerGraphs.Attention, LayerGraphs.Sum, LayerGraphs.Hidden], (row, session) =>
            {
                session.GetOutput(LayerGraphs.AttentionSum).CopyTo(_attentionSum.AsSpan(row * width));
                session.GetOutput(LayerGraphs.Attention).CopyTo(_attention.AsSpan(row * width));
                session.GetOutput(LayerGraphs.Sum).CopyTo(_sum.AsSpan(row * width));
                session.GetOutput(LayerGraphs.Hidden).CopyTo(_hidden.AsSpan(row * width));
            });
        _hidden.CopyTo(_teacherRows, 0);
        step();
        AttentionFit.FitOutput(_context, layer, from, to, _attentionSum, _rows);
        step();
        if (_context.Student.IntermediateGroups > 1)
        {
            var feedForward = new FeedForwardFit(_context, layer, from, to);
            var members = feedForward.FitUp(_attention, _rows);
            step();
            feedForward.FitDown(members, _sum, _rows);
        }
        else
        {
            step();
        }

        _context.RunStudent(layer, _rows, [LayerGraphs.Hidden],
            (row, session) => session.GetOutput(LayerGraphs.Hidden).CopyTo(_hidden.AsSpan(row * width)));
        _hidden.CopyTo(_rows, 0);
        step();
        return RelativeError();
    }

    private double RelativeError()
    {
        var (error, size) = (0.0, 0.0);
        for (var i = 0; i < _rows.Length; i++)
        {
            double difference = _rows[i] - _teacherRows[i];
            error += difference * difference;
            size += (double)_teacherRows[i] * _teacherRows[i];
        }

        return Math.Sqrt(error / size);
    }
}
