namespace SqueezeBert.Graphs.Parameters;

/// <summary>Evaluates parameter expressions.</summary>
internal static class ParameterValues
{
    /// <summary>Writes the expression's [rows, columns], row-major.</summary>
    public static void Read(ParameterExpression expression, IParameterSource source, Span<float> destination)
    {
        switch (expression)
        {
            case Parameter parameter:
                source.Read(parameter, destination);
                break;
            case FilledAfter filled:
                source.Read(filled.Parameter, destination);
                destination[(filled.Kept * filled.Columns)..].Fill(filled.Value);
                break;
            case ConcatenatedColumns columns:
                ReadColumns(columns, source, destination);
                break;
            default:
                throw new NotSupportedException($"parameter expression {expression.GetType().Name}");
        }
    }

    private static void ReadColumns(ConcatenatedColumns expression, IParameterSource source, Span<float> destination)
    {
        var start = 0;
        foreach (var (parameter, transposed) in expression.Parts)
        {
            var values = new float[parameter.Length];
            source.Read(parameter, values);
            var columns = transposed ? parameter.Rows : parameter.Columns;
            for (var row = 0; row < expression.Rows; row++)
            {
                var target = destination.Slice((row * expression.Columns) + start, columns);
                if (transposed)
                {
                    for (var column = 0; column < columns; column++) target[column] = values[(column * parameter.Columns) + row];
                }
                else
                {
                    values.AsSpan(row * columns, columns).CopyTo(target);
                }
            }

            start += columns;
        }
    }
}
