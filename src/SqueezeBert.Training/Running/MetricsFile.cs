using System.Text.Json;

namespace SqueezeBert.Training.Running;

/// <summary>metrics.jsonl: a JSON object a line, flushed line by line. A resumed run appends.</summary>
internal sealed class MetricsFile : IDisposable
{
    private readonly FileStream _file;
    private readonly MemoryStream _line = new();

    public MetricsFile(string path, bool append) =>
        _file = new FileStream(path, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.ReadWrite);

    public void Write(string kind, string stage, StageState state, double seconds, Action<Utf8JsonWriter> fields)
    {
        _line.SetLength(0);
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteString("event", kind);
            json.WriteString("stage", stage);
            json.WriteNumber("step", state.Step);
            json.WriteNumber("epoch", state.Epoch);
            json.WriteNumber("tokens", state.Tokens);
            json.WriteNumber("seconds", Math.Round(seconds, 3));
            fields(json);
            json.WriteEndObject();
        }

        _line.WriteByte((byte)'\n');
        _file.Write(_line.GetBuffer(), 0, (int)_line.Length);
        _file.Flush();
    }

    /// <summary>JSON has no NaN and no infinities: those are left out.</summary>
    public static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    public void Dispose()
    {
        _file.Dispose();
        _line.Dispose();
    }
}
