using SqueezeBert.Kernels;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Tests.Kernels.RowWise;

/// <summary>Look-ups in tables of integers: the bits of a look-up in a table of the numbers that they stand for.</summary>
public sealed unsafe class StoredTableTests
{
    private const int Entries = 6;

    [Fact]
    public void EveryInstructionSetGivesTheBitsOfADequantizedTable()
    {
        Random random = new(1);
        var ids = stackalloc int[9];
        var tables = stackalloc EmbeddingLookup[3];
        for (var repeat = 0; repeat < 120; repeat++)
        {
            int width = random.Next(1, 100), rows = random.Next(1, 9);
            for (var i = 0; i < rows; i++) ids[i] = random.Next(Entries);
            using GuardedBuffer factors = GuardedBuffer.Random(random, Entries), numbers = new(3 * Entries * width),
                before = GuardedBuffer.Random(random, rows * width);
            using StoredTable bytes = new(random, StoredForm.Int8, width), halves = new(random, StoredForm.Int4, width);
            using var floats = GuardedBuffer.Random(random, Entries * width);
            EmbeddingRows[] forms = [bytes.Rows, halves.Rows, new(floats.Pointer)];
            random.Shuffle(forms);
            var hasFactors = random.Next(2) == 0;
            var count = random.Next(1, 4);
            using var expected = before.Copy();
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < width; j++)
                {
                    var sum = 0f;
                    for (var table = 0; table < count; table++)
                    {
                        var scaled = (hasFactors ? factors.Span[ids[i]] : 1) * Number(forms[table], ids[i], j, width);
                        sum = table == 0 ? scaled : sum + scaled;
                    }

                    expected.Span[(i * width) + j] = sum;
                }
            }

            for (var table = 0; table < count; table++) tables[table] = new(forms[table], ids, null, hasFactors ? factors.Pointer : null);
            foreach (var set in InstructionSets.Available)
            {
                using var actual = before.Copy();
                Embedding.Sum(set, tables, count, new(actual.Pointer, width, rows, width));
                actual.AssertSame(expected, $"{set} {width} columns, {string.Join(", ", forms.Take(count).Select(form => form.Form))}");
            }
        }

        // The two integer forms, read bit by bit here; every one of their values occurs.
        float Number(EmbeddingRows table, int entry, int column, int width)
        {
            var row = table.Row(entry, width);
            return table.Form switch
            {
                StoredForm.Float32 => ((float*)row)[column],
                StoredForm.Int8 => table.Scale(entry) * (row[column] < 128 ? row[column] : row[column] - 256),
                _ => table.Scale(entry) * ((int)((((uint*)row)[column / 8] >> (4 * (column % 8))) & 15) - 8),
            };
        }
    }

    /// <summary>Random bytes at the end of what may be read.</summary>
    private sealed class StoredTable : IDisposable
    {
        private readonly GuardedBuffer _rows;
        private readonly GuardedBuffer _scales;

        public StoredTable(Random random, StoredForm form, int width)
        {
            var bytes = (int)(Entries * StoredForms.RowBytes(form, width));
            _rows = new GuardedBuffer((bytes + 3) / 4);
            _scales = GuardedBuffer.Random(random, Entries);
            random.NextBytes(new Span<byte>(_rows.Pointer, bytes));
            Rows = new EmbeddingRows(_rows.Pointer, form, _scales.Pointer);
        }

        public EmbeddingRows Rows { get; }

        public void Dispose()
        {
            _rows.Dispose();
            _scales.Dispose();
        }
    }
}
