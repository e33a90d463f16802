//! Parquet files as other programs write them, for tests and fuzzing.
#![allow(clippy::unwrap_used, reason = "no input comes from outside")]

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArrayType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// A row of a Parquet file: an encoded picture and a label, where it has them.
pub type Row = (Option<Vec<u8>>, Option<i64>);

/// A Parquet file as Hugging Face's library writes image data sets: `column` with a picture's bytes and its path, `label`,
/// and what the numbers of the classes mean; some rows a group.
pub fn parquet(column: &str, rows: &[Row], classes: Option<&[String]>) -> Vec<u8> {
    let schema = format!(
        "message schema {{ optional group {column} {{ optional binary bytes; optional binary path (UTF8); }} \
         optional int64 label; }}"
    );
    let schema = parse_message_type(&schema).unwrap();
    let names = classes.map(|classes| {
        let label = serde_json::json!({ "names": classes, "_type": "ClassLabel" });
        let features = serde_json::json!({ column: { "_type": "Image" }, "label": label });
        let text = serde_json::json!({ "info": { "features": features } }).to_string();
        vec![KeyValue::new("huggingface".into(), text)]
    });
    // One group is written by each of the methods that are read.
    let methods = [Compression::SNAPPY, Compression::ZSTD(ZstdLevel::default()), Compression::UNCOMPRESSED];
    let properties = WriterProperties::builder()
        .set_key_value_metadata(names)
        .set_compression(methods[rows.len() % methods.len()])
        .set_data_page_row_count_limit(3)
        .set_write_batch_size(2);
    let mut writer = SerializedFileWriter::new(Vec::new(), schema.into(), properties.build().into()).unwrap();
    for rows in rows.chunks(7) {
        let mut group = writer.next_row_group().unwrap();
        let bytes: Vec<_> = rows.iter().flat_map(|row| row.0.clone()).map(|bytes| bytes.into()).collect();
        let levels: Vec<i16> = rows.iter().map(|row| if row.0.is_some() { 2 } else { 1 }).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&bytes, Some(&levels), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&[], Some(&vec![1; rows.len()]), None).unwrap();
        column.close().unwrap();
        let labels: Vec<i64> = rows.iter().filter_map(|row| row.1).collect();
        let levels: Vec<i16> = rows.iter().map(|row| i16::from(row.1.is_some())).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&labels, Some(&levels), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}
