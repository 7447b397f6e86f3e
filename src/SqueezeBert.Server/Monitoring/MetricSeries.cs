using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace SqueezeBert.Server.Monitoring;

/// <summary>Measurements of one name and one set of labels: a sum, or a histogram.</summary>
internal sealed class MetricSeries(double[]? boundaries)
{
    private readonly object _lock = new();
    private readonly long[] _buckets = boundaries is null ? [] : new long[boundaries.Length + 1];
    private double _sum;
    private long _count;

    public void Add(double value)
    {
        lock (_lock)
        {
            _sum += value;
            _count++;
            if (boundaries is null) return;
            var place = Array.BinarySearch(boundaries, value);
            _buckets[place < 0 ? ~place : place]++;
        }
    }

    /// <summary>Replaces the value, for an observable instrument.</summary>
    public void Set(double value)
    {
        lock (_lock) _sum = value;
    }

    /// <summary>In the text format of Prometheus.</summary>
    public void Write(StringBuilder text, string name, string labels)
    {
        lock (_lock)
        {
            if (boundaries is null)
            {
                Line(text, name, labels, null, _sum);
                return;
            }

            var below = 0L;
            for (var i = 0; i < _buckets.Length; i++)
            {
                below += _buckets[i];
                var bound = i == boundaries.Length ? "+Inf" : boundaries[i].ToString(CultureInfo.InvariantCulture);
                Line(text, name + "_bucket", labels, $"le=\"{bound}\"", below);
            }

            Line(text, name + "_sum", labels, null, _sum);
            Line(text, name + "_count", labels, null, _count);
        }
    }

    private static void Line(StringBuilder text, string name, string labels, string? more, double value)
    {
        text.Append(name);
        if (labels.Length > 0 || more is not null)
            text.Append('{').Append(labels).Append(labels.Length > 0 && more is not null ? "," : "").Append(more).Append('}');
        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}

/// <summary>All series of one name.</summary>
internal sealed class MetricFamily(string name, string type, string help, double[]? boundaries = null)
{
    /// <summary>The limit of series. Labels are names of models, pipelines and kinds of errors, so there are few.</summary>
    private const int MaxSeries = 1000;

    private readonly ConcurrentDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly MetricSeries _others = new(boundaries);

    /// <summary>The series of some labels, as <see cref="Labels"/> spells them.</summary>
    public MetricSeries this[string labels] => _series.TryGetValue(labels, out var known) ? known
        : _series.Count >= MaxSeries ? _others
        : _series.GetOrAdd(labels, static (_, bounds) => new MetricSeries(bounds), boundaries);

    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            if (text.Length > 0) text.Append(',');
            var spelled = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            text.Append(NameOf(key)).Append("=\"")
                .Append(spelled.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")).Append('"');
        }

        return text.ToString();
    }

    /// <summary>An instrument's name as Prometheus spells names.</summary>
    public static string NameOf(string name) => string.Create(name.Length, name, static (target, source) =>
    {
        for (var i = 0; i < source.Length; i++) target[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
    });

    public void Write(StringBuilder text)
    {
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        foreach (var (labels, series) in _series.OrderBy(item => item.Key, StringComparer.Ordinal)) series.Write(text, name, labels);
    }
}
